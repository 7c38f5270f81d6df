// A guest of the lab as a target like any other.
import { fileConsole } from "../console/file-source.js";
import { createTarget, type Target } from "../target.js";
import { sshTransport, type SshOptions } from "../transport.js";
import { hostKeyAlias, labKeysAt } from "./lab-keys.js";
import type { GuestPlan, LabPlan } from "./lab-plan.js";
import { labPower } from "./lab-power.js";

export function labTarget(lab: LabPlan, guest: GuestPlan): Target {
  return createTarget({
    name: guest.name,
    transport: sshTransport(labSsh(lab, guest)),
    power: labPower(guest),
    console: fileConsole(guest.consoleLog),
  });
}

/** How ssh reaches a guest; the user's own configuration plays no part in it. */
export function labSsh(lab: LabPlan, guest: GuestPlan): SshOptions {
  const keys = labKeysAt(lab.folder);
  const settings = [
    "IdentitiesOnly=yes",
    `IdentityFile=${keys.clientKey}`,
    `UserKnownHostsFile=${keys.knownHosts}`,
    `HostKeyAlias=${hostKeyAlias(lab.name)}`,
    // QEMU takes a connection at once, whether the guest is there or not: waiting long for its answer is no use.
    "ConnectTimeout=3",
    "ServerAliveInterval=1",
  ];
  return {
    destination: "root@127.0.0.1",
    options: ["-F", "/dev/null", "-p", `${guest.sshPort}`, ...settings.flatMap((each) => ["-o", each])],
  };
}
