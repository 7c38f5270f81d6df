import { Ajv } from "ajv";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeJsonSchema } from "../../src/cli/decode-schema.js";
import { evidenceJsonSchema } from "../../src/cli/evidence-schema.js";
import { packageRoot } from "../../src/host/package-root.js";

const launcher = join(packageRoot, "bin/tarbisect.js");
let folder = "";

// Assembled, so that sizes and lines are the same with every compiler: 16 bytes a function, a line each 8 bytes.
const assembly = (functions: readonly string[]): string =>
  [
    '.file 1 "/build/demo/src/demo_rx.c"',
    ...functions.flatMap((name, i) => [
      `.type ${name},@function`,
      `${name}:`,
      `.loc 1 ${10 * (i + 1)}`,
      ".rept 8; nop; .endr",
      `.loc 1 ${10 * (i + 1) + 5}`,
      ".rept 8; nop; .endr",
      `.size ${name},.-${name}`,
    ]),
    "",
  ].join("\n");

/** What kbuild and the linker write into a module. */
const described = (buildId: string): string => `.section .modinfo,"a"
.asciz "name=demo_nic"
.asciz "vermagic=6.1.0-18-amd64"
.section .note.gnu.build-id,"a",@note
.long 4, 4, 3
.asciz "GNU"
.byte ${buildId}
`;

const crash = `[  100.000001] BUG: kernel NULL pointer dereference, address: 0000000000000010
[  100.000002] CPU: 0 PID: 9 Comm: ksoftirqd/0 Tainted: G           OE      6.1.0-18-amd64 #1 Debian
[  100.000003] RIP: 0010:demo_put+0x8/0x10 [demo_nic]
[  100.000004] Call Trace:
[  100.000005]  <IRQ>
[  100.000006]  demo_poll.isra.0+0x8/0x10 [demo_nic]
[  100.000007]  demo_clean+0x20/0x99 [demo_nic]
[  100.000008]  demo_gone+0x20/0x99 [demo_nic]
[  100.000009]  ? demo_put+0xd/0x10 [demo_nic]
[  100.000010]  net_rx_action+0x2a1/0x320
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tarbisect-evidence-"));
  writeFileSync(
    join(folder, "demo.s"),
    assembly(["demo_put", "demo_poll.isra.0", "demo_clean", "demo_last"]),
  );
  execFileSync("as", ["demo.s", "-o", "demo_nic.ko"], { cwd: folder });
  execFileSync("objcopy", ["--strip-debug", "demo_nic.ko", "bare-demo_nic.ko"], { cwd: folder });
  writeFileSync(join(folder, "crash.log"), crash);
  writeFileSync(
    join(folder, "memleak.txt"),
    "[22:16:33] Top 10 stacks with outstanding allocations:\n\t409600 bytes in 100 allocations from stack\n\t\t__alloc_pages+0x237 [kernel]\n\t\tdemo_refill+0x14a [demo_nic]\n" +
      "[22:24:33] Top 10 stacks with outstanding allocations:\n\t409600 bytes in 100 allocations from stack\n\t\t__alloc_pages+0x237 [kernel]\n\t\tdemo_refill+0x14a [demo_nic]\n",
  );
  writeFileSync(
    join(folder, "nosize.txt"),
    "\t64 bytes in 1 allocations from stack\n\t\tdemo_clean+0x4 [demo_nic]\n\t\tdemo_last+0x9 [demo_nic]\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a user sees: stdout, stderr and the exit code. */
function run(...args: string[]): string[] {
  const env = { ...process.env, TARBISECT_CACHE: join(folder, "cache") };
  const { status, stdout, stderr } = spawnSync(launcher, args, { encoding: "utf8", cwd: folder, env });
  return `${stdout}${stderr}exit ${status}`.split("\n");
}

function json(...args: string[]): unknown {
  return JSON.parse(
    run(...args, "--json")
      .slice(0, -1)
      .join("\n"),
  );
}

function problems(schema: object, value: unknown): unknown {
  const ajv = new Ajv({ allErrors: true });
  ajv.validate(schema, value);
  return ajv.errors;
}

const published = (name: string): unknown =>
  JSON.parse(readFileSync(join(packageRoot, "schema", name), "utf8"));

describe("evidence", () => {
  it("tells an event's title, place, signature and own functions", () => {
    expect(run("evidence", "crash.log")).toEqual([
      "crash.log",
      "  1. BUG: unable to handle kernel NULL pointer dereference in demo_put [null-pointer-dereference]",
      "     line 1, 100.000001 s, CPU 0, ksoftirqd/0, 6.1.0-18-amd64, tainted OE",
      "     signature: null-pointer-dereference | demo_put | demo_nic:demo_put | demo_nic:demo_poll",
      "     in demo_nic: demo_put",
      "     in demo_nic: demo_poll",
      "     in demo_nic: demo_clean",
      "     in demo_nic: demo_gone",
      "     in demo_nic: demo_put (uncertain)",
      "exit 0",
    ]);
  });

  it("takes the rings off memleak's prints before it speaks of a leak", () => {
    expect(run("evidence", "memleak.txt", "--ring", "64", "--queues", "2")).toEqual([
      "memleak.txt",
      "  memleak: 2 prints, 2 stacks of allocations",
      "    demo_refill [demo_nic]: within-rings, never more than the rings hold when all is well",
      "      22:16:33  400.0 KiB in 100 allocations, 0 B beyond the rings",
      "      22:24:33  400.0 KiB in 100 allocations, 0 B beyond the rings",
      "exit 0",
    ]);
    expect(run("evidence", "memleak.txt", "--stopped", "22:15:00").slice(2, 3)).toEqual([
      "    demo_refill [demo_nic]: not-given-back, it does not fall from 93 s to 573 s after the load's end",
    ]);
  });

  it("says what it does not know, and what can't be read", () => {
    expect(run("evidence", "demo.s")).toEqual(["demo.s", "  nothing that tarbisect knows", "exit 0"]);
    expect(run("evidence", "none.log")).toEqual([
      expect.stringContaining("cannot read none.log: ENOENT"),
      "exit 129",
    ]);
    expect(run("evidence", "memleak.txt", "--ring", "64").slice(0, 1)).toEqual([
      "tarbisect: --ring needs --queues",
    ]);
    expect(run("evidence", "memleak.txt", "--stopped", "noon").slice(0, 2)).toEqual([
      "tarbisect: --stopped noon is not a time",
      "hint: write it as memleak prints it: 21:43:37",
    ]);
  });

  it("reads a log of more than 64 MiB line by line, and says so", () => {
    copyFileSync(join(folder, "crash.log"), join(folder, "large.log"));
    truncateSync(join(folder, "large.log"), 65 * 1024 * 1024);
    const shown = run("evidence", "large.log");
    expect(shown).toContain("large.log has 65.0 MiB: only kernel events are looked for in it");
    expect(shown.slice(1, 2)).toEqual(run("evidence", "crash.log").slice(1, 2));
  });

  it("prints JSON of the published schema", () => {
    expect(published("evidence.schema.json")).toEqual(evidenceJsonSchema());
    const value = json("evidence", "crash.log", "memleak.txt");
    expect(problems(evidenceJsonSchema(), value)).toBeNull();
    expect(value).toMatchObject({
      files: [{ file: "crash.log", events: [{ cpu: 0 }] }, { heldByModule: [{}] }],
    });
  });
});

describe("decode", () => {
  const frames = [
    "demo_put+0x8/0x10",
    "    demo_put at src/demo_rx.c:15",
    "demo_poll.isra.0+0x8/0x10",
    "    demo_poll.isra.0 at src/demo_rx.c:20",
    "demo_clean+0x20/0x99: of another build: here it has 0x10 bytes",
    "demo_gone+0x20/0x99: no such function in demo_nic",
    "? demo_put+0xd/0x10",
    "    demo_put at src/demo_rx.c:15",
  ];
  const foreign = "1 of 5 frames do not fit demo_nic.ko: the log is of another release, kernel or compiler";

  it("gives each frame its line, and says which frames are of another build", () => {
    expect(run("decode", "crash.log", "--ko", "demo_nic.ko")).toEqual([...frames, foreign, "exit 0"]);
  });

  it("says how to build a module that knows its lines", () => {
    expect(run("decode", "crash.log", "--ko", "bare-demo_nic.ko")).toEqual([
      "no frame of bare_demo_nic in what was given",
      "exit 0",
    ]);
    execFileSync("mv", ["bare-demo_nic.ko", "demo-nic.ko"], { cwd: folder });
    expect(run("decode", "crash.log", "--ko", "demo-nic.ko")).toEqual([
      ...frames.filter((line) => !line.startsWith(" ")),
      foreign.replace("demo_nic.ko", "demo-nic.ko"),
      "demo-nic.ko has no debug information: build it again with KCFLAGS=-g, or a kernel with CONFIG_DEBUG_INFO",
      "exit 0",
    ]);
  });

  it("does not trust a frame without a size where the log says that the build is another", () => {
    expect(run("decode", "crash.log", "nosize.txt", "--ko", "demo_nic.ko").slice(-6)).toEqual([
      "demo_clean+0x4: of another build: here it has 0x10 bytes",
      "demo_last+0x9",
      "    demo_last at src/demo_rx.c:45",
      "2 of 7 frames do not fit demo_nic.ko: the log is of another release, kernel or compiler",
      "1 of 7 frames have no size: whether they are of this build can't be told",
      "exit 0",
    ]);
  });

  it("finds the build that the log's trial proved to be the one loaded", () => {
    const trial = { proof: { module: "demo_nic", buildId: "01020304" } };
    mkdirSync(join(folder, "trial"));
    writeFileSync(join(folder, "trial/verdict.json"), JSON.stringify(trial));
    writeFileSync(join(folder, "trial/dmesg.log"), crash);
    expect(run("decode", "trial/dmesg.log").at(-1)).toBe("exit 129");
    for (const [name, id] of [
      ["loaded", "1, 2, 3, 4"],
      ["other", "5, 6, 7, 8"],
    ] as const) {
      const at = join(folder, "cache/modules", name);
      mkdirSync(at, { recursive: true });
      writeFileSync(join(at, "demo.s"), assembly(["demo_put", name]) + described(id));
      execFileSync("as", ["demo.s", "-o", "demo-nic.ko"], { cwd: at });
    }
    const decoded = run("decode", "trial/dmesg.log", "--json").join("\n");
    expect(decoded).toContain('cache/modules/loaded/demo-nic.ko"');
    expect(decoded).toContain('"line": 15');
  });

  it("refuses what is no module", () => {
    expect(run("decode", "crash.log", "--ko", "none.ko").at(-1)).toBe("exit 129");
    expect(run("decode", "crash.log", "--ko", "crash.log").at(-1)).toBe("exit 129");
    expect(run("decode", "crash.log").at(-1)).toBe("exit 129");
  });

  it("prints JSON of the published schema", () => {
    expect(published("decode.schema.json")).toEqual(decodeJsonSchema());
    const value = json("decode", "crash.log", "--ko", "demo_nic.ko");
    expect(problems(decodeJsonSchema(), value)).toBeNull();
    expect(value).toMatchObject({
      module: "demo_nic",
      frames: [
        { function: "demo_put", returns: false, lines: [[{ file: "/build/demo/src/demo_rx.c", line: 15 }]] },
        { function: "demo_poll", symbol: "demo_poll.isra.0", returns: true, place: { kind: "placed" } },
        { place: { kind: "other-build", sizeBytes: 0x99, ownBytes: [16] } },
        { place: { kind: "unknown" } },
        { reliable: false },
      ],
    });
  });
});
