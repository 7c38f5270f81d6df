// One guest's QEMU command line, as a pure function of the plan.
import type { GuestPlan, LabPlan } from "./lab-plan.js";

export const qemu = "qemu-system-x86_64";

// Below the memory of the smallest guest, above where the kernel and the early allocations lie.
const panicMemory = { address: "0x10000000", size: "0x200000" };

/** Arguments for QEMU 7.2 and newer; every path is one that the lab owns. */
export function qemuArguments(lab: LabPlan, guest: GuestPlan): string[] {
  return [
    qemu,
    ...["-name", `tarbisect-${lab.name}-${guest.name}`],
    ...["-no-user-config", "-nodefaults", "-display", "none", "-no-shutdown"],
    ...["-machine", "q35", "-accel", lab.acceleration, "-cpu", lab.acceleration === "kvm" ? "host" : "max"],
    ...["-smp", `${guest.processors}`, "-m", `${lab.memoryMb}`],
    ...["-kernel", lab.kernelImage, "-initrd", lab.guestImage, "-append", kernelCommandLine(lab, guest)],
    ...[
      "-chardev",
      `socket,id=console,path=${guest.consoleSocket},server=on,wait=off,logfile=${guest.consoleLog}`,
    ],
    ...["-serial", "chardev:console"],
    ...["-qmp", `unix:${guest.qmpSocket},server=on,wait=off`],
    ...["-netdev", `user,id=control,restrict=on,hostfwd=tcp:127.0.0.1:${guest.sshPort}-:22`],
    ...["-device", `virtio-net-pci,netdev=control,mac=${guest.controlMac},romfile=`],
    ...guest.links.flatMap((link, index) => [
      ...["-netdev", linkArgument(`link${index}`, link)],
      ...["-device", `${lab.nic},netdev=link${index},mac=${link.mac},romfile=`],
    ]),
    ...(lab.share === undefined
      ? []
      : ["-virtfs", `local,path=${lab.share},mount_tag=share,security_model=none,readonly=on`]),
    ...["-daemonize", "-pidfile", guest.pidFile],
  ];
}

function linkArgument(id: string, link: GuestPlan["links"][number]): string {
  return `stream,id=${id},server=${link.listens ? "on" : "off"},addr.type=unix,addr.path=${link.socket}`;
}

function kernelCommandLine(lab: LabPlan, guest: GuestPlan): string {
  return [
    "console=ttyS0,115200 quiet",
    `panic=${lab.panicSeconds}`,
    // Without these a boot under TCG spends seconds on what no guest here needs.
    "mitigations=off nmi_watchdog=0 cryptomgr.notests random.trust_cpu=on no_timer_check",
    `memmap=${panicMemory.size}$${panicMemory.address}`,
    `ramoops.mem_address=${panicMemory.address} ramoops.mem_size=${panicMemory.size} ramoops.record_size=0x40000`,
    "ramoops.console_size=0x80000 ramoops.max_reason=2",
    `tarbisect.name=${guest.name} tarbisect.driver=${lab.nic} tarbisect.control=${guest.controlMac}`,
    ...(lab.share === undefined ? [] : ["tarbisect.share=1"]),
    ...guest.links.map((link) => `tarbisect.link=${link.mac},${link.address}/24`),
  ].join(" ");
}
