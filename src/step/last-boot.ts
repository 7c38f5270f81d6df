// What a boot that ended badly left on the machine: the journal of that boot, kdump's dmesg, and pstore, which firmware
// or ramoops keeps through a reset (kernel: Documentation/admin-guide/pstore-blk.rst, ramoops.rst).
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../host/write-file.js";
import { quote } from "../target/remote-command.js";
import type { CrashText } from "./crash-timeline.js";
import type { TrialHost } from "./trial-hosts.js";

/** Sums of the records that crashes leave, by path: an older crash's record is no news. */
export type CrashRecords = ReadonlyMap<string, string>;

/** pstore's own, where systemd moves them, and the dmesg that kdump writes (Debian's and Red Hat's names). */
const places =
  "/sys/fs/pstore/* /var/lib/systemd/pstore/* /var/lib/systemd/pstore/*/* /var/crash/*/dmesg.* /var/crash/*/vmcore-dmesg.txt";
const limit = { timeoutMs: 30_000 };
const keepBytes = 8 * 1024 * 1024;
/** A panic leaves a handful; the newest have the largest numbers. */
const mostRecords = 32;

/** Undefined when the host does not answer. */
export async function readCrashRecords({ target }: TrialHost): Promise<CrashRecords | undefined> {
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

/**
 * Writes what is new to EVIDENCE/last-boot and gives it, pstore first. What was taken whole out of pstore is removed
 * there: its space is small, and a full one keeps nothing of the next crash.
 */
export async function collectLastBoot(
  host: TrialHost,
  before: CrashRecords,
  evidence: string,
): Promise<CrashText[]> {
  const now = (await readCrashRecords(host)) ?? new Map<string, string>();
  const fresh = [...now].filter(([path, sum]) => before.get(path) !== sum).map(([path]) => path);
  const texts: CrashText[] = [];
  for (const [index, path] of fresh.sort().slice(-mostRecords).entries()) {
    const source = path.startsWith("/var/crash/") ? "kdump" : "pstore";
    const name = `${source}-${index}-${(path.split("/").at(-1) ?? "").replace(/[^\w.-]/g, "_")}`;
    texts.push({ source, file: `last-boot/${name}.log`, text: await read(host, `cat ${quote(path)}`) });
  }
  const journal = "command -v journalctl >/dev/null && journalctl -k -b -1 --no-pager -o short-monotonic";
  const file = "last-boot/journal.log";
  texts.push({ source: "journal", file, text: await read(host, `${journal} 2>/dev/null; true`) });
  const kept = texts.filter(({ text }) => text.trim() !== "");
  if (kept.length > 0) await mkdir(join(evidence, "last-boot"), { recursive: true });
  for (const { file: name, text } of kept) await writeFileAtomically(join(evidence, name), text);
  await emptyPstore(host, fresh, now);
  return kept;
}

/** Removes records that are still the ones that were read. */
async function emptyPstore(
  { target }: TrialHost,
  paths: readonly string[],
  sums: CrashRecords,
): Promise<void> {
  const lines = paths
    .filter((path) => path.startsWith("/sys/fs/pstore/"))
    .map(
      (path) =>
        `echo ${quote(`${sums.get(path)}  ${path}`)} | md5sum -c >/dev/null 2>&1 && rm -f -- ${quote(path)}`,
    );
  if (lines.length > 0) await target.run(`${lines.join("\n")}\ntrue`, limit);
}

async function read({ target }: TrialHost, command: string): Promise<string> {
  const result = await target.run(command, { ...limit, keepBytes });
  return result.end.kind === "exited" ? result.stdout.toString() : "";
}
