// `tarbisect step` on real guests: what the target does under it, and what each of our own accidents gives. One lab
// serves all; a guest that died is brought back by the step itself, which is part of what is tested.
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureKernel } from "../../src/build/kernels.js";
import { cacheFolder } from "../../src/host/cache-folder.js";
import { labFolder, removeLab } from "../../src/target/lab/lab-state.js";
import type { GuestPlan, LabPlan } from "../../src/target/lab/lab-plan.js";
import { labSsh, labTarget } from "../../src/target/lab/lab-target.js";
import { runQmp } from "../../src/target/lab/qmp.js";
import { startLab } from "../../src/target/lab/start-lab.js";
import type { Target } from "../../src/target/target.js";
import { launcher } from "../launcher/stub-package.js";
import { guestBmc } from "../target/guest-bmc.js";
import { password } from "../target/ipmi-simulator.js";
import { recordPrograms } from "../target/started-programs.js";
import { fixtureRepository, type Fixture } from "./fixture-driver.js";
import { isRunning } from "./is-running.js";
import { sendTestModule } from "./test-module.js";

const cache = cacheFolder(process.env);
const name = `step-${process.pid}`;
const limit = { timeoutMs: 15_000 };
const fixture = fixtureRepository([
  { version: "1.0" },
  { version: "1.1", top: "this does not compile" },
  { version: "1.2", probe: 'dev_err(&pdev->dev, "NVM checksum is not valid\\n"); return -EIO;' },
  { version: "1.3", probe: "BUG();" },
]);
let lab: LabPlan;
let guest: GuestPlan;
let target: Target;
let headers = "";
let path = process.env.PATH ?? "";

interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}
interface Meanwhile {
  /** When it has printed this, */
  said: RegExp;
  /** this happens, once. */
  then: (pid: number) => unknown;
}

function writeSettings(of: Fixture, stress: string, more: object): void {
  const settings = {
    driver: of.catalog,
    hosts: {
      server: { lab: `${name}/target`, interfaces: [{ mac: guest.links[0]!.mac }] },
      peer: { lab: `${name}/peer1`, interfaces: [{ driver: "e1000" }] },
    },
    target: "server",
    peers: ["peer"],
    stress: { run: stress, timeout: "60s" },
    watch: { silence: "10s" },
    ...more,
  };
  writeFileSync(join(of.folder, "tarbisect.yaml"), JSON.stringify(settings));
}

/** One step on a version of the fixture driver, with a stress command and further settings. */
async function step(
  version: string,
  stress: string,
  {
    more = {},
    of = fixture,
    env = {},
    meanwhile,
  }: { more?: object; of?: Fixture; env?: NodeJS.ProcessEnv; meanwhile?: Meanwhile } = {},
): Promise<Run> {
  writeSettings(of, stress, more);
  execFileSync("git", ["-C", of.repository, "checkout", "-q", `v${version}`]);
  const child = spawn(launcher, ["step"], {
    cwd: of.repository,
    env: { ...process.env, PATH: path, ...env },
  });
  const run: Run = { status: null, stdout: "", stderr: "" };
  let waits = meanwhile;
  child.stdout.on("data", (chunk: Buffer) => (run.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    run.stderr += chunk.toString();
    if (waits?.said.test(run.stderr)) {
      const { then } = waits;
      waits = undefined;
      void then(child.pid!);
    }
  });
  run.status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return run;
}

function evidence(): { folder: string; read: (file: string) => string } {
  const trials = join(fixture.repository, ".tarbisect/evidence");
  const folder = join(trials, readdirSync(trials).sort().at(-1)!);
  return { folder, read: (file) => readFileSync(join(folder, file), "utf8") };
}

function expectEnd({ status, stdout, stderr }: Run, code: number, says: RegExp): void {
  expect(stdout + stderr).toMatch(says);
  expect(status, stdout + stderr).toBe(code);
}

function report(format: string, env: NodeJS.ProcessEnv): string {
  const words = ["report", "v1.0", "v1.3", "--driver", fixture.catalog, "--format", format];
  return execFileSync(launcher, words, {
    cwd: fixture.repository,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: "pipe",
  });
}

/** Files below a folder that hold the text as it is, or as Base64 wherever it begins in it. */
function filesWith(folder: string, text: string): string[] {
  const forms = [text, ...[0, 1, 2].map((before) => base64Within(text, before))];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => forms.some((form) => readFileSync(path).includes(form)));
}

/** What of a text is the same in the Base64 of every text that holds it after so many bytes of a group of three. */
function base64Within(text: string, before: number): string {
  const encoded = Buffer.from("x".repeat(before) + text).toString("base64");
  return encoded.slice(before === 0 ? 0 : 4, Math.floor((before + text.length) / 3) * 4);
}

beforeAll(async () => {
  lab = await startLab(
    { name, kernel: undefined, nic: "e1000", guests: 2, memoryMb: 384, panicSeconds: 1 },
    { cacheFolder: cache },
  );
  guest = lab.guests[0]!;
  target = labTarget(lab, guest);
  headers = (await ensureKernel(lab.kernelRelease, { cacheFolder: cache })).headers!;
}, 300_000);
afterAll(async () => {
  await target.disconnect();
  await removeLab(labFolder(cache, name));
});

describe("a step on a target", { timeout: 240_000 }, () => {
  it("builds, proves what is loaded, is good after a clean stress, and gives the own driver back", async () => {
    const run = await step("1.0", "cat /sys/module/tbfix/version; ls /sys/bus/pci/drivers/tbfix");
    expectEnd(run, 0, /is good/);
    const trial = evidence();
    const verdict = JSON.parse(trial.read("verdict.json")) as { proof: { srcversion: string } };
    expect(verdict.proof.srcversion).toMatch(/^[0-9A-F]{20,}$/);
    expect(trial.read("stress.log")).toMatch(/^1\.0\n.*0000:00:02\.0/s);
    expect(trial.read("samples.jsonl")).toMatch(/memAvailable/i);
    expect(await target.check("ls /sys/bus/pci/drivers/e1000", limit)).toContain("0000:00:02.0");
  });

  it.each([
    ["1.1", /can't be tested: .*tbfix\.c:\d+: /],
    ["1.2", /can't be tested: tbfix does not take the card 0000:00:02\.0: .*NVM checksum is not valid/],
    ["1.3", /can't be tested: kernel BUG .*\(during load\)/],
  ])("skips %s", async (version, says) => {
    expectEnd(await step(version, "true"), 125, says);
  });

  it("names a panic under stress and brings the target back", async () => {
    expectEnd(
      await step("1.0", "sleep 1; echo c >/proc/sysrq-trigger; sleep 60"),
      1,
      /is bad: .*sysrq.*\(during stress\)/,
    );
    const trial = evidence();
    expect(trial.read("serial.log")).toMatch(/^\S+Z \[ *[\d.]+\] Kernel panic - not syncing: sysrq/m);
    const words = trial.read("last-words.log");
    for (const source of ["console", "pstore"])
      expect(words).toMatch(new RegExp(`^\\S+Z ${source}: Kernel panic - not syncing: sysrq`, "m"));
    expect(JSON.parse(trial.read("last-words.json"))).toMatchObject({
      lastHeardBy: expect.stringMatching(/^(console|pstore)$/) as string,
    });
    expect(await target.check("ls /sys/fs/pstore", limit)).toBe("");
  });

  it("sees a silent reboot, which an expected signature can leave out", async () => {
    const more = { judge: { failure: ["tbfix_receive"] } };
    expectEnd(
      await step("1.0", "sleep 1; echo b >/proc/sysrq-trigger; sleep 60", { more }),
      125,
      /can't be tested: it failed in another way: silent reboot/,
    );
  });

  it("sees a hang with interrupts off by its silence to us and to its peers", async () => {
    await sendTestModule(target, "hang", headers);
    // Time to ask the target for the addresses that its peers then try.
    const run = await step(
      "1.0",
      "ip addr add 10.77.1.1/24 dev eth0; sleep 6; insmod /root/hang.ko; sleep 60",
    );
    expectEnd(run, 1, /is bad: hang: no answer for \d+ s, not to its peers either/);
  });

  it("stops when the connection is dropped: the target is well", async () => {
    // The listener has the smallest id; its sessions end, this one too.
    const sessions = 'pidof dropbear | tr " " "\\n" | sort -n | tail -n +2';
    const drop = `setsid sh -c 'sleep 2; kill -9 $(${sessions})' </dev/null >/dev/null 2>&1 & sleep 1`;
    const run = await step("1.0", "sleep 60", {
      meanwhile: { said: /stress \.\.\./, then: () => target.run(drop, limit) },
    });
    expectEnd(run, 128, /server was lost under stress/);
  });

  it("stops when the target's disk is full", async () => {
    await target.check("mount -o remount,size=16k /tmp", limit);
    expectEnd(await step("1.0", "true"), 128, /No space left/);
    await target.check("mount -o remount,size=50% /tmp", limit);
  });

  it("boots the target anew when the old module does not go", async () => {
    await sendTestModule(target, "holder", headers);
    await target.check("insmod /root/holder.ko", limit);
    const before = await target.bootId();
    expectEnd(await step("1.0", "true"), 0, /the old module does not go: rmmod: /);
    expect(await target.bootId()).not.toBe(before);
  });

  it("stops on another kernel than the settings say", async () => {
    const interfaces = [{ mac: guest.links[0]!.mac }];
    const server = { lab: `${name}/target`, interfaces, kernel: "9.9.9" };
    const more = { hosts: { server }, peers: [] };
    expectEnd(await step("1.0", "true", { more }), 128, /server runs kernel \S+, not 9\.9\.9/);
  });

  it("stops when the kernel's own module is loaded instead", async () => {
    const own = fixtureRepository([{ version: "2.0" }], "e1000");
    const run = await step("2.0", "true", { of: own, more: { load: { run: "modprobe e1000" } } });
    expectEnd(run, 128, /server has the kernel's own e1000 loaded: its (srcversion|build id) is/);
  });

  it("stops while another step is at work there, whatever repository that is for", async () => {
    const other = fixtureRepository([{ version: "3.0" }]);
    let second: Run | undefined;
    const then = async (): Promise<void> => {
      second = await step("3.0", "true", { of: other });
      await target.check("touch /tmp/second-ended", limit);
    };
    const waits = "until [ -e /tmp/second-ended ]; do sleep 1; done; rm /tmp/second-ended";
    expectEnd(await step("1.0", waits, { meanwhile: { said: /stress \.\.\./, then } }), 0, /is good/);
    expectEnd(second!, 128, /process \d+ is testing on server already/);
  });

  it("goes on after kill -9 in any stage, and leaves nothing running there", async () => {
    const stages = [/evidence:/, /build \.\.\./, /load \.\.\./, /stress \.\.\./];
    const processes = "ps | grep '[s]leep 6543' || true";
    let seen = "";
    for (const said of stages) {
      const end = async (pid: number): Promise<void> => {
        while (said.source.startsWith("stress") && isRunning(`${pid}`) && seen === "")
          seen = await target.check(processes, limit).catch(() => "");
        process.kill(pid, "SIGKILL");
      };
      const kill = { said, then: end };
      const run = await step("1.0", "sleep 6543", { meanwhile: kill });
      expect(run.stderr, run.stderr).toMatch(said);
      expect(existsSync(join(evidence().folder, "verdict.json"))).toBe(false);
    }
    // Busybox has no pgrep; the last stage's command was seen there, so that the list does show it.
    expect(seen).toMatch(/sleep 6543/);
    await expect.poll(() => target.check(processes, limit), { timeout: 90_000, interval: 1000 }).toBe("");
    const kill = { said: /recover \.\.\./, then: (pid: number) => process.kill(pid, "SIGKILL") };
    expect((await step("1.0", "true", { meanwhile: kill })).status).toBe(null);
    expectEnd(await step("1.0", "true"), 0, /is good/);
  });
});

describe("a guarded target", { timeout: 600_000 }, () => {
  const guard = { silence: "20s" };
  const folder = "ls -d /run/[t]arbisect-guard* 2>/dev/null; ps | grep '[t]arbisect-guard/guard'; true";
  const ownDriver = "ls /sys/bus/pci/drivers/e1000 2>/dev/null; true";

  it("has nothing left of its guard after a clean step", async () => {
    const during =
      "test -e /run/tarbisect-guard/alive && ps | grep -q '[t]arbisect-guard/guard' && sleep 30 && test ! -e /run/tarbisect-guard/acting";
    expectEnd(await step("1.0", during, { more: { guard } }), 0, /is good/);
    expect(await target.check(folder, limit)).toBe("");
  });

  it("saves itself when we are killed", async () => {
    const kill = { said: /stress \.\.\./, then: (pid: number) => process.kill(pid, "SIGKILL") };
    await step("1.0", "sleep 6543", { more: { guard }, meanwhile: kill });
    expect(await target.check(ownDriver, limit)).not.toContain("0000:00:02.0");
    await expect
      .poll(() => target.check(ownDriver, limit), { timeout: 200_000, interval: 1000 })
      .toContain("0000:00:02.0");
    expect(await target.check("ls -d /sys/module/tbfix || echo gone", limit)).toBe("gone\n");
  });

  it("saves itself when its link is cut, and that is no verdict", async () => {
    const link = (up: boolean): Promise<unknown> =>
      runQmp(guest.qmpSocket, "set_link", { name: "control", up });
    const consoleSays = (): string => readFileSync(guest.consoleLog, "utf8");
    const cut = async (): Promise<void> => {
      // What an earlier guard said late is none of this one's words.
      const before = consoleSays().length;
      await link(false);
      await expect
        .poll(() => consoleSays().slice(before), { timeout: 200_000, interval: 500 })
        .toContain("tarbisect guard: the kernel's own driver is back");
      await link(true);
    };
    const meanwhile = { said: /stress \.\.\./, then: cut };
    const bootId = await target.bootId();
    const run = await step("1.0", "sleep 300", {
      more: { guard, stress: { run: "sleep 300", timeout: "10m" }, watch: { silence: "5s" } },
      meanwhile,
    });
    expectEnd(run, 128, /no way to the target, until its guard had put the kernel's own driver back/);
    expect(await target.bootId()).toBe(bootId);
    expect(await target.check(ownDriver, limit)).toContain("0000:00:02.0");
    expect(await target.check(folder, limit)).toBe("");
  });

  it("can be reached over the card under test alone: a module that lets nothing through is skipped", async () => {
    const bin = join(fixture.folder, "behind");
    mkdirSync(bin);
    const ssh = execFileSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).trim();
    const words = (to: GuestPlan): string =>
      labSsh(lab, to)
        .options!.map((word) => `'${word}'`)
        .join(" ");
    const jump = `${ssh} ${words(lab.guests[1]!)} -W 10.77.1.1:22 root@127.0.0.1`;
    writeFileSync(join(bin, "jump"), `#!/bin/sh\nexec ${jump}\n`, { mode: 0o755 });
    // The user's ssh with a Host entry that goes through the peer.
    const script = `#!/bin/sh\ncase "$*" in *" behind"*) exec ${ssh} ${words(guest)} -o ConnectTimeout=10 -o ProxyCommand=${bin}/jump -o HostName=10.77.1.1 -o User=root "$@";; esac\nexec ${ssh} "$@"\n`;
    writeFileSync(join(bin, "ssh"), script, { mode: 0o755 });
    const before = path;
    path = `${bin}:${path}`;
    try {
      await target.check("ip addr replace 10.77.1.1/24 dev eth0; ip link set eth0 up", limit);
      const server = { ssh: "behind", console: guest.consoleLog, interfaces: [{ mac: guest.links[0]!.mac }] };
      const only = { hosts: { server }, peers: [] };
      expectEnd(await step("1.0", "true", { more: only }), 129, /ssh reaches server through eth0/);
      expectEnd(
        await step("1.0", "true", { more: { ...only, guard } }),
        125,
        /can't be tested: nothing came through the new module, and its guard put/,
      );
      expect(await target.check(ownDriver, limit)).toContain("0000:00:02.0");
      expect(await target.check(folder, limit)).toBe("");
    } finally {
      path = before;
    }
  });
});

describe("a target behind a BMC", { timeout: 600_000 }, () => {
  it("is switched by it and heard over it; the password is in the file of secrets and nowhere else", async () => {
    const bmc = await guestBmc(guest);
    const programs = recordPrograms(mkdtempSync(join(tmpdir(), "started-")));
    const secrets = join(fixture.folder, "secrets.yaml");
    writeFileSync(secrets, `bmc: "${password}"\n`, { mode: 0o600 });
    const env = { ...programs.env, TARBISECT_SECRETS: secrets };
    try {
      const server = {
        lab: `${name}/target`,
        interfaces: [{ mac: guest.links[0]!.mac }],
        bmc: {
          host: "127.0.0.1",
          user: "admin",
          password: "bmc",
          ipmi: { port: bmc.port, cipherSuite: 3, retrySeconds: 5 },
        },
        power: "ipmi",
        console: { sol: true },
      };
      const peer = { lab: `${name}/peer1`, interfaces: [{ driver: "e1000" }] };
      const stress = "sleep 1; echo 0 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger; sleep 60";
      const run = await step("1.0", stress, { more: { hosts: { server, peer } }, env });
      expectEnd(run, 1, /is bad: .*sysrq/);
      const trial = evidence();
      expect(trial.read("serial.log")).toContain("Kernel panic - not syncing: sysrq");
      expect(trial.read("environment.json")).toContain("MontaVista Software");
      for (const format of ["text", "mail", "markdown", "html", "json"])
        writeFileSync(join(fixture.folder, `report.${format}`), report(format, env));
      expect(filesWith(fixture.folder, password)).toEqual([secrets]);
      expect(run.stdout + run.stderr).not.toContain(password);
      const started = programs.read();
      const argv = started.map((program) => program.argv.join(" "));
      for (const seen of [/^ssh /, /^ipmitool .*chassis power off/, /^ipmitool .*sol activate/])
        expect(argv.join("\n")).toMatch(new RegExp(seen, "m"));
      expect(argv.filter((words) => words.includes(password))).toEqual([]);
      const knowing = started.filter((program) => program.env.join().includes(password));
      expect(new Set(knowing.map((program) => program.argv[0]))).toEqual(new Set(["ipmitool", "stdbuf"]));
    } finally {
      await bmc.stop();
    }
  });
});

describe("a target with a power switch of its own", { timeout: 240_000 }, () => {
  let switches = { on: "", off: "", status: "", offSeconds: 0 };
  const alone = (): object => ({
    hosts: {
      server: {
        ssh: "guest",
        console: guest.consoleLog,
        interfaces: [{ mac: guest.links[0]!.mac }],
        power: switches,
      },
    },
    peers: [],
    recover: { boot: "20s" },
  });
  const broken = join(fixture.repository, ".tarbisect/targets/server-broken.json");

  beforeAll(() => {
    const bin = join(fixture.folder, "bin");
    mkdirSync(bin);
    const options = labSsh(lab, guest).options!.filter((word) => word !== "-F" && word !== "/dev/null");
    const ssh = execFileSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).trim();
    const quoted = options.map((word) => `'${word}'`).join(" ");
    // The user's ssh with what a Host entry of his configuration would say of the guest.
    const script = `#!/bin/sh\ncase "$*" in *" guest"*) exec ${ssh} -F /dev/null ${quoted} -o HostName=127.0.0.1 -o User=root "$@";; esac\nexec ${ssh} "$@"\n`;
    writeFileSync(join(bin, "ssh"), script);
    chmodSync(join(bin, "ssh"), 0o755);
    path = `${bin}:${path}`;
  });

  it("that lies leaves it lost; the next step repeats the first cause, and then gives the verdict", async () => {
    const state = join(fixture.repository, "state");
    switches = { on: `echo on >${state}`, off: `echo off >${state}`, status: `cat ${state}`, offSeconds: 0 };
    writeFileSync(state, "on");
    const stress = "sleep 1; echo 0 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger; sleep 60";
    expectEnd(
      await step("1.0", stress, { more: alone() }),
      253,
      /server is lost: .*sysrq.*it did not boot in 20 s/,
    );
    expectEnd(await step("1.0", stress, { more: alone() }), 253, /server is lost: .*sysrq.* \(since /);
    expect(existsSync(broken)).toBe(true);
    await target.power!.cycle();
    await expect.poll(() => target.bootId(), { timeout: 90_000, interval: 500 }).toBeDefined();
    expectEnd(await step("1.0", stress, { more: alone() }), 1, /is bad: .*sysrq[^]*server is back/);
    expect(existsSync(broken)).toBe(false);
    rmSync(state);
  });

  it("that brings it into a boot which panics leaves it lost, and gives no verdict", async () => {
    const state = join(fixture.folder, "state");
    const log = join(fixture.folder, "panicking.log");
    // The kernel without a root: it panics while it boots, and stays there.
    const qemu = `qemu-system-x86_64 -nodefaults -display none -accel tcg -m 256 -kernel ${lab.kernelImage} -append "console=ttyS0 panic=0" -serial file:${log} -pidfile ${state}.pid -daemonize`;
    switches = {
      on: `${qemu} && echo on >${state}`,
      off: `if [ -e ${state}.pid ]; then kill -9 $(cat ${state}.pid); rm ${state}.pid; fi; echo off >${state}`,
      status: `cat ${state}`,
      offSeconds: 0,
    };
    writeFileSync(state, "off");
    await target.power!.off();
    try {
      const run = await step("1.0", "true", { more: alone() });
      expectEnd(run, 253, /server is lost: it did not answer before the step; it did not boot in 20 s/);
      expect(existsSync(join(evidence().folder, "verdict.json"))).toBe(false);
      await expect
        .poll(() => readFileSync(log, "utf8"), { timeout: 120_000, interval: 500 })
        .toContain("Kernel panic - not syncing");
    } finally {
      execFileSync("sh", ["-c", switches.off]);
    }
    rmSync(broken);
  });

  it("that is on but silent may be booting, and is not switched", async () => {
    const switched = join(fixture.folder, "switched");
    const note = `echo x >>${switched}`;
    switches = { on: note, off: note, status: "echo on", offSeconds: 0 };
    const more = { ...alone(), recover: { boot: "10m" } };
    const boots = { said: /server may be booting/, then: () => target.power!.on() };
    expectEnd(await step("1.0", "true", { more, meanwhile: boots }), 0, /is good/);
    expect(existsSync(switched)).toBe(false);
  });
});

describe("a lab that is killed under a step", { timeout: 240_000 }, () => {
  it("is ours to explain: no verdict, and the lab is known to be dead", async () => {
    const killed = (): void => {
      for (const { pidFile } of lab.guests) process.kill(Number(readFileSync(pidFile, "utf8")), "SIGKILL");
    };
    const run = await step("1.0", "sleep 6543", { meanwhile: { said: /stress \.\.\./, then: killed } });
    expect([128, 253], run.stdout + run.stderr).toContain(run.status);
    expect(existsSync(join(evidence().folder, "verdict.json"))).toBe(false);
    expectEnd(await step("1.0", "true"), 128, /lab/);
  });
});
