import type { MemleakContext } from "../evidence/judge-memleak.js";
import { ringBuffers, type RingSettings } from "../evidence/rings.js";
import { usageFault } from "../fault/fault.js";

export interface EvidenceOptions {
  ring?: string;
  queues?: string;
  ports?: string;
  stopped?: string;
  json?: true;
}

/** What memleak's prints are judged by: the options, else the ethtool prints among the files. */
export function memleakContext(options: EvidenceOptions, rings: readonly RingSettings[]): MemleakContext {
  const { stopped } = options;
  if (stopped !== undefined && !/^\d\d:\d\d(?::\d\d)?$/.test(stopped))
    throw usageFault(`--stopped ${stopped} is not a time`, "write it as memleak prints it: 21:43:37");
  const buffers = givenBuffers(options) ?? ringBuffers(rings);
  return {
    ...(buffers !== undefined && { ringBuffers: buffers }),
    ...(stopped !== undefined && { stopped }),
  };
}

function givenBuffers({ ring, queues, ports }: EvidenceOptions): number | undefined {
  if (ring === undefined && queues === undefined) return undefined;
  if (ring === undefined || queues === undefined)
    throw usageFault(
      `--${ring === undefined ? "queues" : "ring"} needs --${ring === undefined ? "ring" : "queues"}`,
    );
  return count("ring", ring) * count("queues", queues) * count("ports", ports ?? "1");
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1e6)
    throw usageFault(`--${name} ${text} is not a count`);
  return value;
}
