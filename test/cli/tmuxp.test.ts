// What tarbisect tmuxp writes, loaded by the real tmuxp into a real tmux of its own.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../../src/host/package-root.js";
import { readSnippets } from "../docs/transcript.js";
import { launcher } from "../launcher/stub-package.js";

const folder = mkdtempSync(join(tmpdir(), "tarbisect-tmuxp-"));
const socket = `tarbisect-test-${process.pid}`;
const env = { ...process.env, TMUX: "", TMUX_TMPDIR: folder, SHELL: "/bin/sh", LC_ALL: "C.UTF-8" };

function tmux(...words: string[]): string {
  return execFileSync("tmux", ["-L", socket, ...words], { encoding: "utf8", env });
}

afterAll(() => {
  spawnSync("tmux", ["-L", socket, "kill-server"], { env });
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, settings: object): string {
  const cwd = join(folder, name);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, "tarbisect.yaml"), JSON.stringify(settings));
  return cwd;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(200);
}

const here = {
  driver: "e1000e",
  hosts: { server: { local: true, interfaces: [] }, peer: { local: true, interfaces: [] } },
  target: "server",
  peers: ["peer"],
  configure: [{ address: "127.0.0.1/8" }],
  stress: { flows: [{ from: "peer", to: "server", port: 45_201, udp: true, bitrate: "1M" }], duration: "9s" },
};

describe("tarbisect tmuxp", () => {
  it("is loaded by tmuxp: servers listen, and a client sends once Enter is typed", async () => {
    const cwd = write("my.bench", here);
    execFileSync(launcher, ["tmuxp", "-o", "session.yaml"], { cwd });
    const document = readFileSync(join(packageRoot, "docs/your-own-driver.md"), "utf8");
    const [load] = readSnippets(document).flatMap((one) =>
      one.kind === "transcript" && one.by === "tmuxp" ? one.commands : [],
    );
    const own = load!.command.replace(/\S+\.yaml$/, "session.yaml");
    execFileSync("sh", ["-c", `${own} -d -L ${socket}`], { cwd, env, stdio: "pipe" });
    const panes = tmux("list-panes", "-s", "-t", "tarbisect-my-bench", "-F", "#{window_name}")
      .trim()
      .split("\n");
    expect(panes).toEqual(["servers", "clients", "server", "server", "server", "shells", "shells", "bisect"]);
    const screen = (window: string): string =>
      tmux("capture-pane", "-p", "-J", "-t", `tarbisect-my-bench:${window}`);
    await until(() => screen("servers").includes("Server listening on 45201"));
    await until(() => /^Enter starts 0-peer-to-server *$/m.test(screen("clients")));
    expect(screen("clients")).not.toContain("connected to");
    tmux("send-keys", "-t", "tarbisect-my-bench:clients", "Enter");
    await until(() => screen("clients").includes("connected to 127.0.0.1 port 45201"));
  });

  it("reaches each host its own way, and types what the user's own stress is without running it", () => {
    const cwd = write("remote", {
      ...here,
      hosts: {
        server: { ssh: "root@server", sudo: true, console: "/var/log/it's.log" },
        peer: { lab: "demo/peer1" },
      },
      stress: { run: "./stress.sh 'a  b'" },
    });
    const text = execFileSync(launcher, ["tmuxp"], { cwd, encoding: "utf8" });
    const { windows } = parse(text) as {
      windows: { window_name: string; panes: { shell_command: { cmd: string; enter?: boolean }[] }[] }[];
    };
    const commands = Object.fromEntries(
      windows.map(({ window_name, panes }) => [
        window_name,
        panes.map(({ shell_command }) => shell_command[0]),
      ]),
    );
    const typed = commands.stress?.[0];
    expect(typed?.enter).toBe(false);
    // What ssh is given is what sudo runs, whatever is quoted in it.
    const shim = `ssh() { shift 2; eval "$*"; }; sudo() { shift; "$@"; }; set -- ; ${typed!.cmd.replace("./stress.sh", "echo -n")}`;
    expect(execFileSync("sh", ["-c", shim], { encoding: "utf8" })).toBe("a  b");
    expect(commands.console?.[0]?.cmd).toBe(`tail -n 100 -F '/var/log/it'\\''s.log'`);
    expect(commands.shells?.map((pane) => pane?.cmd)).toEqual([
      "ssh -t 'root@server'",
      "tarbisect lab ssh --name demo peer1",
    ]);
  });

  it("says which address is missing", () => {
    const cwd = write("bare", { ...here, configure: [] });
    const { status, stderr } = spawnSync(launcher, ["tmuxp"], { cwd, encoding: "utf8" });
    expect(stderr).toBe(
      "tarbisect: nothing in the settings says the address of server\nhint: configure it, or name the flow's address\n",
    );
    expect(status).toBe(129);
  });
});
