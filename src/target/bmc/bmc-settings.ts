// A machine's BMC as tarbisect.yaml describes it: one address and one account for power, console and event log.
import { z } from "zod";
import { secretNameShape } from "../../host/secrets.js";

const host = z.string().regex(/^[A-Za-z0-9[][\w.:%[\]-]*$/, "is no host's name or address");
const port = z.int().min(1).max(65_535);
const seconds = z.int().min(0).max(3600);

export const bmcShape = z.strictObject({
  host: host.describe("its name or address"),
  user: z.string().regex(/^[^-\s]\S*$/, "is no user's name"),
  password: secretNameShape.describe("a secret's name: its text is in the file of secrets"),
  ipmi: z
    .strictObject({
      port: port.default(623),
      cipherSuite: z.int().min(0).max(17).optional().describe("left out: the best that both sides know"),
      privilege: z.enum(["USER", "OPERATOR", "ADMINISTRATOR"]).default("ADMINISTRATOR"),
      retrySeconds: seconds.min(1).default(2).describe("how long one datagram's answer may take"),
      retries: z.int().min(1).max(20).default(4),
    })
    .prefault({}),
  redfish: z
    .strictObject({
      port: port.default(443),
      fingerprint: z
        .string()
        .regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/i, "is a SHA-256 fingerprint such as AB:CD:...")
        .optional()
        .describe("of its certificate; left out: the certificate must be trusted"),
      ca: z.string().min(1).optional().describe("a PEM file with the authority that signed its certificate"),
      system: z.string().min(1).optional().describe("which computer system, when it has several"),
      answerSeconds: seconds.min(1).default(30),
    })
    .prefault({}),
  switchSeconds: seconds.min(1).default(60).describe("how long its power may take to become what was asked"),
  offSeconds: seconds.default(5).describe("how long it stays off before it is switched on again"),
});

export type BmcDescription = z.output<typeof bmcShape>;

/** A BMC with all that it takes to log in. */
export interface BmcAccess {
  bmc: BmcDescription;
  /** The password; asked for only when it is needed. */
  password: () => Promise<string>;
  /** What it says, without the password: it knows it, and may say it back. */
  hide(text: string): string;
  /** For the programs that are started. */
  env: NodeJS.ProcessEnv;
}
