// What runs on a watched host: sh, cat, sleep and ethtool, one process group, two streams. stdout carries frames whose
// length the sampler itself counted, so that no text inside one can look like the next; stderr carries the heartbeat
// and /dev/kmsg, whose records escape every line break (kernel: Documentation/ABI/testing/dev-kmsg).
import type { InterfaceDescription } from "../target/host-description.js";
import { quote } from "../target/remote-command.js";

export interface SamplerPlan {
  interfaces: readonly InterfaceDescription[];
  intervalSeconds: number;
  /** Written to the kernel log by the first sampler of a boot: what stands before it is not this trial's. */
  marker: string;
  /** A sampler that goes on after a lost connection must not mark again. */
  resumed: boolean;
}

/**
 * POSIX sh (dash, bash, busybox ash). The heartbeat is a loop of its own without any child but sleep: `ethtool -S` waits
 * as long as a hung driver holds its lock, and the machine lives all the same.
 */
export function samplerScript(plan: SamplerPlan): string {
  return `
LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"; export LC_ALL PATH
pause=${plan.intervalSeconds}
beat() {
  while :; do
    read -r up rest </proc/uptime && read -r boot </proc/sys/kernel/random/boot_id
    echo "beat $up $boot" >&2 || exit 0
    sleep "$pause"
  done
}
each() { while IFS= read -r line; do printf 'text %s\\n' "$line" || exit 0; done; }
follow() {
  if ( : </dev/kmsg ) 2>/dev/null && head -c 0 /dev/kmsg 2>/dev/null; then
    echo "source kmsg" >&2
    ${plan.resumed ? ":" : `echo ${quote(`<5>${plan.marker}`)} 2>/dev/null >/dev/kmsg || echo "source unmarked" >&2`}
    # A reader that was too slow gets EPIPE; the records it sees again are known by their numbers.
    while :; do cat /dev/kmsg 2>/dev/null; sleep 1; done >&2
  elif command -v journalctl >/dev/null 2>&1; then
    echo "source journal" >&2
    journalctl -kf -n 0 -o short-monotonic --no-hostname 2>/dev/null | each >&2
  elif dmesg >/dev/null 2>&1; then
    echo "source dmesg" >&2
    dmesg -W 2>/dev/null | each >&2
  else
    echo "source none" >&2
  fi
}
frame() { printf '@%s %s\\n%s' "$1" "\${#2}" "$2" || exit 0; }
file() { [ -r "$2" ] && frame "$1" "$(cat "$2" 2>/dev/null)"; }
nics() {
  found=
  for path in ${interfaceGlobs(plan.interfaces)}; do [ -e "$path/address" ] && found="$found \${path##*/}"; done
${macLoop(plan.interfaces)}  # The module under test may serve what is described by the in-tree driver's name.
  [ -n "$found" ] || for path in ${everyCard}; do [ -e "$path/address" ] && found="$found \${path##*/}"; done
}
link() {
  text=
  for name in carrier carrier_changes mtu ${linkCounters.map((name) => `statistics/${name}`).join(" ")}; do
    value=
    read -r value 2>/dev/null <"/sys/class/net/$1/$name" && text="$text\${name##*/} $value
"
  done
  frame "link:$1" "$text"
}
beat &
follow &
while :; do
  read -r up rest </proc/uptime
  frame begin "$up"
  file meminfo /proc/meminfo
  file vmstat /proc/vmstat
  file slabinfo /proc/slabinfo
  file softirqs /proc/softirqs
  file softnet /proc/net/softnet_stat
  nics
  for nic in $found; do
    link "$nic"
    frame "counters:$nic" "$(ethtool -S "$nic" 2>/dev/null)"
  done
  frame end ""
  sleep "$pause"
done
`;
}

const linkCounters = [
  ...["rx_packets", "rx_bytes", "rx_dropped", "rx_errors", "rx_missed_errors"],
  ...["tx_packets", "tx_bytes", "tx_dropped", "tx_errors"],
];

const everyCard = "/sys/class/net/*/device/net/*";

/** sysfs knows the interfaces of a driver and of a PCI address; none described: every one that has a device. */
function interfaceGlobs(interfaces: readonly InterfaceDescription[]): string {
  if (interfaces.length === 0) return everyCard;
  return interfaces
    .flatMap((each) => {
      if ("driver" in each)
        return [`/sys/bus/*/drivers/${each.driver}/*/net/*`, `/sys/bus/*/drivers/${each.driver}/*/*/net/*`];
      if ("pci" in each)
        return [`/sys/bus/pci/devices/${each.pci}/net/*`, `/sys/bus/pci/devices/${each.pci}/*/net/*`];
      return [];
    })
    .join(" ");
}

/** A bonded interface shows its bond's address; its own is kept beside. Only what has a device can be meant. */
function macLoop(interfaces: readonly InterfaceDescription[]): string {
  const macs = interfaces.flatMap((each) => ("mac" in each ? [each.mac] : []));
  if (macs.length === 0) return "";
  return `  for path in /sys/class/net/*; do
    [ -e "$path/device" ] || continue
    own=
    read -r own 2>/dev/null <"$path/bonding_slave/perm_hwaddr" || read -r own <"$path/address"
    case "$own" in ${macs.join(" | ")}) found="$found \${path##*/}" ;; esac
  done
`;
}
