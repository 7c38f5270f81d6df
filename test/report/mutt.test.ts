// The mail in a real mutt, as its users have it: a reader pipes it to git am, its writer sends the draft as it is.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDriverRepository, type DriverRepository } from "./driver-repository.js";

let repository: DriverRepository;
let folder: string;
const socket = `tarbisect-mutt-${process.pid}`;

beforeAll(() => {
  repository = makeDriverRepository();
  folder = join(repository.folder, "..");
  mkdirSync(join(folder, "Mail")); // mutt asks for it otherwise
  const settings = [
    `set sendmail="${folder}/sendmail" charset=utf-8 editor=/bin/true autoedit=yes edit_headers=yes`,
    "set quit=yes delete=no copy=no abort_unmodified=no wait_key=no pipe_decode=no",
  ];
  writeFileSync(join(folder, "muttrc"), `${settings.join("\n")}\n`);
  writeFileSync(
    join(folder, "sendmail"),
    `#!/bin/sh\ncat >"${folder}/sending" && mv "${folder}/sending" "${folder}/sent.eml"\n`,
  );
  chmodSync(join(folder, "sendmail"), 0o755);
  writeFileSync(
    join(repository.folder, "asked.eml"),
    "From: =?utf-8?q?J=C3=BCrgen?= <j@example.de>\nTo: list@example.org\nMessage-ID: <one@example.de>\n" +
      'Subject: nic "leaks"\n\nWhich one?\n',
  );
});
afterAll(() => {
  spawnSync("tmux", ["-L", socket, "kill-server"], { env: environment() });
  rmSync(folder, { recursive: true, force: true });
});

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, HOME: folder, TMUX: "", TMUX_TMPDIR: folder, LC_ALL: "C.UTF-8", TERM: "xterm" };
}

/** Runs mutt in a terminal of its own; what is on its screen. */
function startMutt(...words: string[]): () => string {
  const command = ["mutt", "-n", "-F", join(folder, "muttrc"), ...words].map((word) => `'${word}'`).join(" ");
  const tmux = (...more: string[]): string =>
    execFileSync("tmux", ["-L", socket, "-f", "/dev/null", ...more], {
      env: environment(),
      encoding: "utf8",
    });
  tmux("new-session", "-d", "-x", "120", "-y", "40", "-c", folder, `${command}; sleep 600`);
  return () => tmux("capture-pane", "-p");
}

function sendKeys(...keys: string[]): void {
  execFileSync("tmux", ["-L", socket, "send-keys", ...keys], { env: environment() });
}

function writeReport(file: string, ...more: string[]): string {
  const path = join(folder, file);
  repository.tarbisect(
    "report",
    "v1.1",
    "v1.3",
    "--fixed",
    "v1.4",
    "--trace",
    "crash.log",
    "--format",
    "mail",
    ...more,
    "-o",
    path,
  );
  return path;
}

/** Waits for it; what the screen shows says why it did not come. */
async function until(holds: () => boolean, screen: () => string): Promise<void> {
  const limit = Date.now() + 45_000;
  while (!holds()) {
    if (Date.now() > limit) throw new Error(`mutt waits:\n${screen()}`);
    await sleep(100);
  }
}

describe("mutt", () => {
  it("sends it as it is: body, patch, attachment, ids and recipients", async () => {
    const draft = writeReport("draft.eml", "--reply-to", "asked.eml");
    const screen = startMutt("-H", draft);
    await until(() => screen().includes("Mutt: Compose"), screen);
    expect(screen()).toMatch(/^ *To: Jürgen <j@example\.de>$/m);
    expect(screen()).toContain("crash.log.gz");
    sendKeys("y");
    await until(() => existsSync(join(folder, "sent.eml")), screen);
    const [written, sent] = await Promise.all(
      [draft, join(folder, "sent.eml")].map((path) => PostalMime.parse(readFileSync(path))),
    );
    expect(written!.subject).toBe('Re: nic "leaks"');
    // mutt dates a mail when it sends it, and orders the headers its own way.
    const told = ({
      from,
      to,
      cc,
      subject,
      messageId,
      inReplyTo,
      references,
      text,
      attachments,
    }: typeof written & object): object => ({
      ...{ from, to, cc, subject, messageId, inReplyTo, text },
      references: references?.split(/\s+/),
      attachments: attachments.map(({ filename, mimeType, content }) => ({
        filename,
        mimeType,
        content: Buffer.from(content as ArrayBuffer).toString("base64"),
      })),
    });
    expect(told(sent!)).toEqual(told(written!));
    spawnSync("tmux", ["-L", socket, "kill-server"], { env: environment() });
  });

  it("hands it to git am, which applies its patch and nothing of the fix that it shows", async () => {
    const mbox = writeReport("report.mbox");
    repository.git("worktree", "add", "-q", "--detach", "../tree", "v1.1");
    const am = `cd ${folder}/tree && git -c user.name=x -c user.email=x@example.org am; echo $? >../code && mv ../code ../am`;
    writeFileSync(join(folder, "apply"), am);
    const screen = startMutt("-f", mbox);
    await until(() => screen().includes("Mutt: "), screen);
    sendKeys("|");
    await until(() => screen().includes("Pipe to command"), screen);
    sendKeys(`sh ${folder}/apply`, "Enter");
    await until(() => existsSync(join(folder, "am")), screen);
    expect(readFileSync(join(folder, "am"), "utf8")).toBe("0\n");
    const rx = readFileSync(join(folder, "tree/src/rx.c"), "utf8");
    expect(rx).toContain("65534");
    expect(rx).toContain("!buffer->bias");
  });
});
