// A lab's own keys: one to log in with, one that proves the guest, so that ssh checks the host as it does anywhere.
import { join } from "node:path";
import { harnessFault } from "../../fault/fault.js";
import { runChecked } from "../../host/run-command.js";
import { writeFileAtomically } from "../../host/write-file.js";
import { findProgram } from "./guest-programs.js";

export interface LabKeys {
  /** OpenSSH private key; its public half lies beside it with .pub. */
  clientKey: string;
  /** dropbear's form. */
  hostKey: string;
  knownHosts: string;
}

/** The name under which every guest of a lab is known, whatever its port. */
export function hostKeyAlias(labName: string): string {
  return `tarbisect-lab-${labName}`;
}

export function labKeysAt(folder: string): LabKeys {
  return {
    clientKey: join(folder, "client_key"),
    hostKey: join(folder, "host_key"),
    knownHosts: join(folder, "known_hosts"),
  };
}

/** Makes both keys and the known_hosts file in the lab's (fresh) folder. */
export async function createLabKeys(folder: string, labName: string): Promise<LabKeys> {
  const keys = labKeysAt(folder);
  await runChecked([
    "ssh-keygen",
    "-q",
    "-t",
    "ed25519",
    "-N",
    "",
    "-C",
    "tarbisect-lab",
    "-f",
    keys.clientKey,
  ]);
  const dropbearkey = findProgram("dropbearkey", "dropbear-bin");
  const text = (await runChecked([dropbearkey, "-t", "ed25519", "-f", keys.hostKey])).toString();
  const line = /^ssh-ed25519 \S+/m.exec(text)?.[0];
  if (line === undefined) throw harnessFault(`dropbearkey printed no public key: ${text.slice(0, 200)}`);
  await writeFileAtomically(keys.knownHosts, `${hostKeyAlias(labName)} ${line}\n`);
  return keys;
}
