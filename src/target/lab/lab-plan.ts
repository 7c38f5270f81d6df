// What a lab will be: guests, links, ports and paths, decided before anything is started.
import { join } from "node:path";
import { usageFault } from "../../fault/fault.js";

export const nicModels = ["e1000", "e1000e", "igb"] as const;
export type NicModel = (typeof nicModels)[number];

/** One interface under test: the target listens, the peer at the other end connects. */
export interface LinkPlan {
  mac: string;
  address: string;
  peerAddress: string;
  socket: string;
  listens: boolean;
}

export interface GuestPlan {
  name: string;
  processors: number;
  sshPort: number;
  controlMac: string;
  links: LinkPlan[];
  consoleLog: string;
  consoleSocket: string;
  qmpSocket: string;
  pidFile: string;
}

export interface LabPlan {
  name: string;
  folder: string;
  /** Short, because a unix socket's path has at most 107 bytes. */
  socketFolder: string;
  kernelRelease: string;
  kernelImage: string;
  guestImage: string;
  acceleration: "kvm" | "tcg";
  nic: NicModel;
  memoryMb: number;
  /** The kernel's panic=: seconds until a reboot, 0 stays in the panic. */
  panicSeconds: number;
  /** A folder of this machine that every guest sees at /mnt and can't change. */
  share?: string | undefined;
  guests: GuestPlan[];
}

/** What the user chose. */
export interface LabSettings {
  name: string;
  kernel: string | undefined;
  nic: NicModel;
  guests: number;
  memoryMb: number;
  panicSeconds: number;
  share?: string | undefined;
}

/** Names every guest: the first is "target", the others are "peer1", "peer2", each with a link of its own to it. */
export function planGuests(
  settings: LabSettings,
  paths: { folder: string; socketFolder: string },
  sshPorts: readonly number[],
): GuestPlan[] {
  const peers = Array.from({ length: settings.guests - 1 }, (_, index) => index + 1);
  const names = ["target", ...peers.map((peer) => `peer${peer}`)];
  return names.map((name, index) => ({
    name,
    processors: index === 0 ? 2 : 1,
    sshPort: sshPorts[index] ?? 0,
    controlMac: mac(index, 0),
    links: index === 0 ? peers.map((peer) => link(peer, 0, paths)) : [link(index, 1, paths)],
    consoleLog: join(paths.folder, `${name}.console`),
    consoleSocket: join(paths.socketFolder, `${name}.con`),
    qmpSocket: join(paths.socketFolder, `${name}.qmp`),
    pidFile: join(paths.folder, `${name}.pid`),
  }));
}

/** Refuses what QEMU or the addresses could not hold. */
export function checkLabSettings(settings: LabSettings): void {
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(settings.name))
    throw usageFault(`"${settings.name}" is not a lab's name`, "lower-case letters, digits and hyphens");
  checkWhole("guests", settings.guests, [1, 9]);
  checkWhole("memory", settings.memoryMb, [320, 65_536]);
  checkWhole("panic", settings.panicSeconds, [0, 3600]);
}

function checkWhole(name: string, value: number, [least, most]: [number, number]): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw usageFault(`--${name} is ${value}`, `a whole number from ${least} to ${most}`);
}

function link(peer: number, end: 0 | 1, paths: { socketFolder: string }): LinkPlan {
  const addresses = [`10.77.${peer}.1`, `10.77.${peer}.2`] as const;
  return {
    mac: mac(end === 0 ? 0 : peer, peer),
    address: addresses[end],
    peerAddress: addresses[1 - end] ?? "",
    socket: join(paths.socketFolder, `link${peer}`),
    listens: end === 0,
  };
}

// 52:54:00 is QEMU's own locally administered prefix.
function mac(guest: number, card: number): string {
  return `52:54:00:7b:0${guest}:0${card}`;
}
