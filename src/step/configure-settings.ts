// What is set on the interfaces after the module is loaded and before the stress.
import { z } from "zod";

const wholeNumber = z.int().min(0);
const interfaceIndex = wholeNumber.describe("which of the host's interfaces, counted from 0");

const bond = z
  .strictObject({
    name: z.string().regex(/^[\w.-]{1,15}$/, "is no interface's name"),
    mode: z.string().min(1).default("802.3ad"),
    interfaces: z.array(interfaceIndex).min(1),
  })
  .describe("the address and the MTU are then the bond's");

const entry = z.strictObject({
  host: z.string().optional().describe("one of hosts; the target when left out"),
  interface: interfaceIndex.default(0),
  bond: bond.optional(),
  address: z
    .string()
    .regex(/^[0-9a-fA-F.:]+\/\d{1,3}$/, "must be an address with its prefix, such as 10.0.0.1/24")
    .optional(),
  mtu: z.int().min(68).max(65_535).optional(),
  speed: z.int().positive().optional().describe("Mb/s (ethtool -s)"),
  ring: z.strictObject({ rx: z.int().positive().optional(), tx: z.int().positive().optional() }).optional(),
  channels: z
    .strictObject({
      combined: z.int().positive().optional(),
      rx: z.int().positive().optional(),
      tx: z.int().positive().optional(),
    })
    .optional(),
  features: z
    .record(z.string().regex(/^[a-z][\w-]*$/, "is no feature of ethtool -K"), z.boolean())
    .optional()
    .describe("ethtool -K, such as ntuple: true"),
  rules: z.array(z.string().min(1)).optional().describe("words for ethtool -N, one rule each"),
});

export const configureShape = z
  .array(entry)
  .default([])
  .describe("what is set on the interfaces, in this order");

export type ConfigureSettings = z.output<typeof configureShape>;
export type ConfigureEntry = ConfigureSettings[number];
