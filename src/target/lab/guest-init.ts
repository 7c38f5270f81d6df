// The guest's first process and its few files. What differs between guests comes on the kernel's command line.

/** Printed on the console when ssh can be reached and the interfaces have their addresses. */
export const readyMark = "tarbisect-lab: ready";

/** The control interface's address, as QEMU's user network has it. */
export const guestControlAddress = "10.0.2.15";

/**
 * POSIX sh. `tarbisect.name=` names the guest, `tarbisect.driver=` the in-tree driver, each
 * `tarbisect.link=MAC,ADDRESS/BITS` an interface under test.
 */
export const initScript = `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t debugfs debugfs /sys/kernel/debug
mount -t pstore pstore /sys/fs/pstore
dmesg -n 8
echo 1 >/proc/sys/kernel/sysrq
ip link set lo up

value() { sed "s/ /\\n/g" /proc/cmdline | sed -n "s/^tarbisect\\.$1=//p"; }
# interface MAC: its name
interface() { for found in /sys/class/net/*; do [ "$(cat "$found/address")" = "$1" ] && echo "\${found##*/}"; done; }

hostname "$(value name)"
# Before ssh: who sees the next boot finds what the last one left.
modprobe ramoops
modprobe virtio_pci
modprobe virtio_net
control=$(interface "$(value control)")
ip link set "$control" name control0
ip addr add ${guestControlAddress}/24 dev control0
ip link set control0 up
dropbear -s -p 22 -r /etc/dropbear/host_key

if [ -n "$(value share)" ]; then
  modprobe 9pnet_virtio && modprobe 9p
  mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose share /mnt
fi
modprobe "$(value driver)"
for link in $(value link); do
  name=$(interface "\${link%%,*}")
  ip addr add "\${link#*,}" dev "$name"
  ip link set "$name" up
done
# As a line of the kernel: between the bytes of any other the kernel may print one of its own.
echo "<5>${readyMark}" >/dev/kmsg

trap 'reboot -f' TERM
trap 'poweroff -f' USR1 USR2
while :; do
  setsid cttyhack /bin/sh &
  wait $!
  sleep 1
done
`;

/** Text files of every guest, by path. */
export const guestTexts: Readonly<Record<string, string>> = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
  "etc/group": "root:x:0:\n",
  "etc/shells": "/bin/sh\n",
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
  "etc/hosts": "127.0.0.1 localhost\n",
};
