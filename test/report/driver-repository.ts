// A small driver's history with a clock that ticks, so that commit ids and reports are the same every run.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const launcher = new URL("../../bin/tarbisect.js", import.meta.url).pathname;

const environment = {
  ...process.env,
  GIT_AUTHOR_NAME: "Ada Example",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada Example",
  GIT_COMMITTER_EMAIL: "ada@example.org",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  SOURCE_DATE_EPOCH: "1795600800",
  NO_COLOR: "1",
};

function rx(bias: string, test: string): string {
  return `#include "nic.h"

/* Takes a page again when nobody else holds it. */
static bool nic_can_reuse_rx_page(struct nic_buffer *buffer)
{
	if (${test})
		page_ref_add(buffer->page, ${bias});
	return page_count(buffer->page) == buffer->bias;
}

int nic_poll(struct nic *nic, int budget)
{
	int done = 0;

	while (done < budget && nic_can_reuse_rx_page(nic->next))
		done++;
	return done;
}
`;
}

function ntuple(rules: number): string {
  const lines = Array.from({ length: rules }, (_, at) => `	nic_write(nic, ${at});`);
  return `#include "nic.h"\n\nint nic_add_ntuple(struct nic *nic)\n{\n${lines.join("\n")}\n	return 0;\n}\n`;
}

/** v1.2 is the guilty one, and v1.4 has the fix. */
const releases: Record<string, string>[] = [
  { "src/rx.c": rx("65535", "!buffer->bias"), "src/ntuple.c": ntuple(2) },
  { "src/rx.c": rx("65535", "!buffer->bias"), "src/ntuple.c": ntuple(3) },
  { "src/rx.c": rx("65534", "!buffer->bias"), "src/ntuple.c": ntuple(9) },
  { "src/rx.c": rx("65534", "!buffer->bias"), "src/ntuple.c": ntuple(10) },
  { "src/rx.c": rx("65534", "buffer->bias == 1"), "src/ntuple.c": ntuple(10) },
];

export interface DriverRepository {
  folder: string;
  git: (...args: string[]) => string;
  tarbisect: (...args: string[]) => string;
  commitOf: (tag: string) => string;
}

export function makeDriverRepository(): DriverRepository {
  const folder = join(mkdtempSync(join(tmpdir(), "tarbisect-report-")), "nic");
  mkdirSync(join(folder, "src"), { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: folder, env: environment, encoding: "utf8" });
  git("init", "-q", "-b", "releases");
  releases.forEach((files, at) => {
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
    const when = `2020-0${at + 1}-01T00:00:00Z`;
    const dated = { ...environment, GIT_AUTHOR_DATE: when, GIT_COMMITTER_DATE: when };
    for (const args of [
      ["add", "."],
      ["commit", "-q", "-m", `nic 1.${at}`],
      ["tag", `v1.${at}`],
    ])
      execFileSync("git", args, { cwd: folder, env: dated });
  });
  writeFileSync(join(folder, "crash.log"), crash);
  return {
    folder,
    git,
    tarbisect: (...args) => execFileSync(launcher, args, { cwd: folder, env: environment, encoding: "utf8" }),
    commitOf: (tag) => git("rev-parse", `${tag}^{commit}`).trim(),
  };
}

export const crash = `Nov 25 10:00:01 ceph-1 kernel: nic 0000:00:03.0: The driver for the device detected a newer version of the NVM image v1.11 than expected v1.9. Please install the most recent version of the network driver.
Nov 25 11:31:07 ceph-1 kernel: BUG: Bad page state in process swapper/3  pfn:7d518e
Nov 25 11:31:07 ceph-1 kernel: page dumped because: PAGE_FLAGS_CHECK_AT_FREE flag(s) set
Nov 25 11:31:07 ceph-1 kernel: Modules linked in: nic(OE) bonding
Nov 25 11:31:07 ceph-1 kernel: CPU: 3 PID: 0 Comm: swapper/3 Tainted: G    B      OE     6.1.0-13-amd64 #1
Nov 25 11:31:07 ceph-1 kernel: Hardware name: Example Inc. Server 1/0AB12, BIOS 1.4.8 05/06/2020, a line that is longer than a mail's
Nov 25 11:31:07 ceph-1 kernel: Call Trace:
Nov 25 11:31:07 ceph-1 kernel:  <IRQ>
Nov 25 11:31:07 ceph-1 kernel:  bad_page+0x63/0x94
Nov 25 11:31:07 ceph-1 kernel:  page_frag_free+0x5f/0x80
Nov 25 11:31:07 ceph-1 kernel:  nic_poll+0x137f/0x1720 [nic]
Nov 25 11:31:07 ceph-1 kernel:  net_rx_action+0xb8/0x1c0
Nov 25 11:31:07 ceph-1 kernel:  </IRQ>
Nov 25 11:31:07 ceph-1 kernel: RAX: ffffffff947cd3a0 RBX: ffff99fddb499780 RCX: ffff99fddf26d440
Nov 25 11:31:08 ceph-1 kernel: peer 10.1.2.3 (3c:fd:fe:aa:bb:cc) is gone, serial number: ABC123
`;

/** What a step leaves of one trial. */
export function writeTrial(
  { folder, commitOf }: DriverRepository,
  trial: { tag: string; minute: number; verdict: object; log?: string },
): void {
  const commit = commitOf(trial.tag);
  const stamp = `2026-11-25T10-${String(trial.minute).padStart(2, "0")}-00Z`;
  const path = join(folder, ".tarbisect/evidence", `${stamp}-${trial.tag}-${commit.slice(0, 10)}`);
  mkdirSync(path, { recursive: true });
  const head = { version: trial.tag.slice(1), commit, kernel: "6.1.0-13-amd64", place: "root@ceph-1" };
  const settings = { build: { run: "make -C src" }, stress: { run: "./stress.sh" } };
  const stages = [
    { stage: "build", code: 0, elapsedMs: 21_000 },
    { stage: "stress", code: trial.log === undefined ? 0 : 1, elapsedMs: 300_000 },
  ];
  writeFileSync(join(path, "settings.json"), JSON.stringify({ ...head, settings }));
  writeFileSync(join(path, "verdict.json"), JSON.stringify({ ...head, verdict: trial.verdict, stages }));
  writeFileSync(join(path, "dmesg.log"), trial.log ?? "[    1.000000] nic: loaded\n");
  const samples = [1, 2, 3, 4].map((second) =>
    JSON.stringify({
      t: second,
      unaccountedKib: trial.log === undefined ? 6400 : 6400 + second * 1500,
      rxPackets: second * 90_000,
    }),
  );
  writeFileSync(join(path, "samples.jsonl"), `${samples.join("\n")}\n{"t":5,"unacc`);
}

export const bad = { kind: "bad", cause: "stress-failed", detail: "Bad page state (stress ended with 1)" };
export const good = { kind: "good" };
