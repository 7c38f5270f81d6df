// What a boot that ended badly left on the machine: the journal of that boot, and pstore, which firmware or ramoops
// keeps through a reset (kernel: Documentation/admin-guide/pstore-blk.rst, ramoops.rst).
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrialHost } from "./trial-hosts.js";

/** Sums of pstore's records, by path: an older crash's record is no news. */
export type PstoreRecords = ReadonlyMap<string, string>;

const places = "/sys/fs/pstore/* /var/lib/systemd/pstore/*";
const limit = { timeoutMs: 30_000 };
const keepBytes = 8 * 1024 * 1024;
/** A panic leaves a handful; the newest have the largest numbers. */
const mostRecords = 32;

/** Undefined when the host does not answer. */
export async function readPstoreRecords({ target }: TrialHost): Promise<PstoreRecords | undefined> {
  const result = await target.run(
    `for each in ${places}; do [ ! -f "$each" ] || md5sum "$each"; done`,
    limit,
  );
  if (result.end.kind !== "exited") return undefined;
  const lines = result.stdout.toString().split("\n");
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const [, sum, path] = /^([0-9a-f]{32}) [ *](\/.+)$/.exec(line) ?? [];
      return sum === undefined || path === undefined ? [] : [[path, sum]];
    }),
  );
}

/** Writes what is new to EVIDENCE/last-boot and gives it as one text, pstore first. */
export async function collectLastBoot(
  host: TrialHost,
  before: PstoreRecords,
  evidence: string,
): Promise<string> {
  const now = (await readPstoreRecords(host)) ?? new Map<string, string>();
  const fresh = [...now]
    .filter(([path, sum]) => before.get(path) !== sum)
    .map(([path]) => path)
    .slice(-mostRecords);
  const texts = new Map<string, string>();
  for (const [index, path] of fresh.entries()) {
    const name = `pstore-${index}-${(path.split("/").at(-1) ?? "").replace(/[^\w.-]/g, "_")}`;
    texts.set(`${name}.log`, await read(host, `cat '${path.replaceAll("'", "'\\''")}'`));
  }
  const journal = "command -v journalctl >/dev/null && journalctl -k -b -1 --no-pager -o short-monotonic";
  texts.set("journal.log", await read(host, `${journal} 2>/dev/null; true`));
  const kept = [...texts].filter(([, text]) => text.trim() !== "");
  if (kept.length > 0) await mkdir(join(evidence, "last-boot"), { recursive: true });
  for (const [name, text] of kept) await writeFile(join(evidence, "last-boot", name), text);
  return kept.map(([, text]) => text).join("\n");
}

async function read({ target }: TrialHost, command: string): Promise<string> {
  const result = await target.run(command, { ...limit, keepBytes });
  return result.end.kind === "exited" ? result.stdout.toString() : "";
}
