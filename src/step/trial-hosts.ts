// The machines of one trial, and what each of its parts is given.
import type { InterfaceDescription } from "../target/host-description.js";
import type { NetdataAgent } from "../target/netdata-agent.js";
import type { Target } from "../target/target.js";

export interface TrialHost {
  name: string;
  target: Target;
  interfaces: readonly InterfaceDescription[];
  /** The release that must be booted, as uname -r prints it, when the settings say one. */
  kernel?: string | undefined;
  /** The agent that measures it, when the settings name one. */
  netdata?: NetdataAgent | undefined;
}

export interface TrialHosts {
  target: TrialHost;
  peers: readonly TrialHost[];
}

export interface TrialIo {
  /** The trial's folder; it exists. */
  evidence: string;
  /** The user's interrupt. */
  signal: AbortSignal;
  note: (text: string) => void;
}
