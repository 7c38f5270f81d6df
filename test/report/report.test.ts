import { Ajv } from "ajv";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderMail } from "../../src/report/render-mail.js";
import { reportJsonSchema, type Report } from "../../src/report/report-shape.js";
import {
  bad,
  crash,
  good,
  makeDriverRepository,
  writeTrial,
  type DriverRepository,
} from "./driver-repository.js";

let review: DriverRepository;
beforeAll(() => {
  review = makeDriverRepository();
});
const made: DriverRepository[] = [];
afterAll(() => [review, ...made].forEach(({ folder }) => rmSync(join(folder, ".."), { recursive: true })));

/** Python's mail parser, which we did not write. */
function parseMail(mail: string): {
  headers: Record<string, string>;
  parts: { type: string; name: string | null; content: string }[];
  defects: number;
} {
  const script = `
import sys, json, email, email.policy, base64
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = [p for p in mail.walk() if not p.is_multipart()]
print(json.dumps({
  "headers": {k.lower(): str(v) for k, v in mail.items()},
  "parts": [{"type": p.get_content_type(), "name": p.get_filename(),
    "content": base64.b64encode(p.get_payload(decode=True)).decode()} for p in parts],
  "defects": len(mail.defects) + sum(len(p.defects) for p in parts)}))`;
  const text = execFileSync("python3", ["-c", script], { input: mail, encoding: "utf8" });
  return JSON.parse(text) as ReturnType<typeof parseMail>;
}

function bisected(steps: Record<string, "good" | "bad">): DriverRepository {
  const repository = makeDriverRepository();
  made.push(repository);
  repository.git("bisect", "start", "v1.3", "v1.0");
  writeTrial(repository, { tag: "v1.0", minute: 1, verdict: good });
  writeTrial(repository, { tag: "v1.3", minute: 10, verdict: bad, log: crash });
  Object.entries(steps).forEach(([tag, verdict], at) => {
    repository.git("bisect", verdict, tag);
    if (verdict === "good") writeTrial(repository, { tag, minute: 20 + at, verdict: good });
    else writeTrial(repository, { tag, minute: 20 + at, verdict: bad, log: crash });
  });
  return repository;
}

describe("tarbisect report on two releases", () => {
  const ends = ["report", "v1.1", "v1.3"];

  it("is a mail that reads as in the golden file", async () => {
    const mail = review.tarbisect(
      ...ends,
      "--fixed",
      "v1.4",
      "--trace",
      "crash.log",
      "--format",
      "mail",
      "--attach-limit",
      "0",
    );
    await expect(mail).toMatchFileSnapshot("golden/review.eml");
  });

  it("is a mail that Python parses and whose patch git am applies", () => {
    const mail = review.tarbisect(...ends, "--trace", "crash.log", "--format", "mail");
    const { headers, parts, defects } = parseMail(mail);
    expect(defects).toBe(0);
    expect(headers).toMatchObject({
      from: "Ada Example <ada@example.org>",
      subject: "nic 1.3: BUG: Bad page state in nic_poll (changes since 1.1)",
      date: "Wed, 25 Nov 2026 10:00:00 +0000",
    });
    expect(parts.map(({ type, name }) => [type, name])).toEqual([
      ["text/plain", null],
      ["application/gzip", "crash.log.gz"],
    ]);
    expect(gunzipSync(Buffer.from(parts[1]!.content, "base64")).toString()).toBe(crash);
    writeFileSync(join(review.folder, "../review.eml"), mail);
    review.git("worktree", "add", "-q", "--detach", "../am", "v1.1");
    const am = spawnSync("git", ["am", "../review.eml"], {
      cwd: join(review.folder, "../am"),
      env: { ...process.env, GIT_COMMITTER_NAME: "x", GIT_COMMITTER_EMAIL: "x@example.org" },
      encoding: "utf8",
    });
    expect(am.stderr).toBe("");
    expect(readFileSync(join(review.folder, "../am/src/rx.c"), "utf8")).toContain("65534");
    review.git("worktree", "remove", "--force", "../am");
  });

  it("says before its parts that one of them has 8 bits, so that git send-email does not ask", () => {
    writeFileSync(join(review.folder, "utf8.log"), crash.replace("bonding", "J\u00fcrgen"));
    writeFileSync(
      join(review.folder, "answered.eml"),
      "From: =?utf-8?q?J=C3=BCrgen?= <j@example.de>\nMessage-ID: <one@example.de>\nSubject: leak\n\nWhich one?\n",
    );
    const answer = ["--trace", "utf8.log", "--format", "mail", "--reply-to", "answered.eml"];
    const mail = review.tarbisect(...ends, ...answer);
    const head = mail.slice(0, mail.indexOf("\n\n"));
    expect(head).toContain("multipart/mixed");
    expect(head).toContain("\nContent-Transfer-Encoding: 8bit\n");
  });

  it("says what memleak's prints prove", () => {
    const stack = (clock: string, count: number): string =>
      `[${clock}] Top 10 stacks with outstanding allocations:\n\t${count * 4096} bytes in ${count} allocations from stack\n` +
      "\t\t__alloc_pages+0x1d7 [kernel]\n\t\tnic_alloc_rx_buffers+0x9c [nic]\n";
    writeFileSync(join(review.folder, "memleak.txt"), stack("21:43:55", 300) + stack("21:44:13", 310));
    const text = review.tarbisect(...ends, "--trace", "memleak.txt").replace(/\s+/g, " ");
    expect(text).toContain(
      "nic_alloc_rx_buffers [nic] held 21:43:55: 1.17 MiB in 300 allocations; 21:44:13: 1.21 MiB in 310 allocations. No verdict: no two prints after the load's end",
    );
  });

  it("keeps 72 columns but for logs, diffs, commands and links", () => {
    const mail = review.tarbisect(...ends, "--trace", "crash.log", "--format", "mail", "--attach-limit", "0");
    const long = mail.split("\n").filter((line) => line.length > 72);
    expect(long.length).toBeGreaterThan(2);
    expect(long.filter((line) => !/^ {2}Nov 25 |^ {2}tarbisect /.test(line))).toEqual([]);
  });

  it("names no function to read first when nothing points at one", () => {
    const text = review.tarbisect(...ends);
    expect(text).toContain("1.1 to 1.3: review of 2 changed functions\n");
    expect(text.replaceAll("\n", " ")).toContain(
      "Nothing was run for this report: it is a review of the sources.",
    );
    expect(text).not.toContain("== Suspects");
    expect(text).not.toContain("diff --git");
  });

  it("is Markdown with its diff folded and nothing of a log as markup", async () => {
    writeFileSync(
      join(review.folder, "hostile.log"),
      crash.replaceAll("bonding", "``` </details> @everyone <img src=x>"),
    );
    const text = review.tarbisect(...ends, "--trace", "hostile.log", "--format", "markdown");
    await expect(text).toMatchFileSnapshot("golden/review.md");
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
    expect(text).toContain("<details><summary>hostile.log, excerpt");
  });

  it("is JSON that fits the published schema, and is the same twice", () => {
    const [first, second] = [1, 2].map(() => review.tarbisect(...ends, "--trace", "crash.log", "--json"));
    expect(second).toBe(first);
    const published = JSON.parse(readFileSync("schema/report.schema.json", "utf8")) as object;
    expect(published).toEqual(reportJsonSchema());
    const validate = new Ajv({ strict: false }).compile(published);
    expect(validate(JSON.parse(first!))).toBe(true);
    expect(validate({ ...(JSON.parse(first!) as Report), suspects: 3 })).toBe(false);
  });

  it("replaces what names machines when asked, in the text and in what is attached", () => {
    const mail = review.tarbisect(...ends, "--trace", "crash.log", "--format", "mail", "--redact");
    const { parts } = parseMail(mail);
    const texts = parts.map(({ content }, at) => {
      const bytes = Buffer.from(content, "base64");
      return (at === 0 ? bytes : gunzipSync(bytes)).toString();
    });
    for (const text of texts) {
      expect(text).not.toMatch(/ceph-1|10\.1\.2\.3|3c:fd|ABC123/);
      expect(text).toContain("host-1 kernel:");
    }
    expect(texts[1]).toContain("peer 192.0.2.1 (02:00:00:00:00:01) is gone, serial number: [redacted]");
    expect(texts[0]).toContain("NVM image v1.11");
  });

  it("ends with 129 without two ends and without a bisect", () => {
    for (const args of [["report"], ["report", "v1.0"], ["report", "v1.0", "v9"]]) {
      const { status, stdout } = spawnSync(
        new URL("../../bin/tarbisect.js", import.meta.url).pathname,
        args,
        {
          cwd: review.folder,
          encoding: "utf8",
        },
      );
      expect({ status, stdout }).toEqual({ status: 129, stdout: "" });
    }
  });
});

describe("tarbisect report in a bisect", () => {
  it("says in the middle that it is not finished", async () => {
    const text = bisected({ "v1.1": "good" }).tarbisect("report");
    await expect(text).toMatchFileSnapshot("golden/bisect-running.txt");
    expect(text).toContain("The bisect is not finished.");
  });

  it("lets no trial point at a function but those that were bad", () => {
    const repository = makeDriverRepository();
    made.push(repository);
    repository.git("bisect", "start", "v1.3", "v1.0");
    writeTrial(repository, { tag: "v1.0", minute: 1, verdict: good, log: crash });
    expect(repository.tarbisect("report")).not.toContain("the function to read first");
  });

  it("names the first bad commit with its diff, its trials and how often its parent was good", async () => {
    const repository = bisected({ "v1.1": "good", "v1.2": "bad" });
    await expect(
      repository.tarbisect("report", "--format", "mail", "--attach-limit", "0"),
    ).toMatchFileSnapshot("golden/bisect-done.eml");
    const report = JSON.parse(repository.tarbisect("report", "--json")) as Report;
    expect(report.kind).toBe("bisect-done");
    expect(report.culprit).toMatchObject({ label: "v1.2", parentGood: 1, bad: 1 });
    expect(report.timeline.map(({ label, mark }) => `${label} ${mark ?? "-"}`)).toEqual([
      "v1.0 good",
      "v1.1 good",
      "v1.2 first bad",
      "v1.3 bad",
    ]);
    expect(report.series.map(({ name }) => name)).toContain("unaccountedKib");
    expect(report.series[0]?.points.length).toBe(4);
    expect(report.environment).toContainEqual({
      name: "hardware",
      value: "Example Inc. Server 1/0AB12, BIOS 1.4.8 05/06/2020, a line that is longer than a mail's",
      source: expect.stringContaining("/dmesg.log") as string,
    });
  });

  it("takes a folder without a verdict, and one of another program, as they are", () => {
    const repository = bisected({ "v1.1": "good" });
    const trials = join(repository.folder, ".tarbisect/evidence");
    mkdirSync(join(trials, "2026-11-25T10-59-00Z-v1.2-0123456789"));
    mkdirSync(join(trials, "notes"));
    writeFileSync(join(trials, "notes/a.txt"), "x");
    const report = JSON.parse(repository.tarbisect("report", "--json")) as Report;
    expect(report.trials.map(({ verdict }) => verdict)).toEqual(["good", "bad", "good", "cut"]);
    expect(report.gaps.join()).toContain("no verdict: it runs, or it was ended");
  });
});

describe("a mail that answers", () => {
  const parent = `From: "Müller, Eva" <eva@example.com>
To: e1000-devel@lists.example.org, Ada Example <ada@example.org>
Cc: bob@example.net
Subject: i40e leaks
Date: Tue, 24 Nov 2026 09:00:00 +0000
Message-ID: <2@example.com>
In-Reply-To: <1@example.com>
References: <1@example.com>

Did you look at the ring?
> quoted before
`;

  it("takes recipients, references, subject and quote from the thread", () => {
    writeFileSync(
      join(review.folder, "thread.mbox"),
      `From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: a@example.com\nMessage-ID: <1@example.com>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\nSubject: i40e leaks\n\nfirst\n\nFrom mboxrd@z Thu Jan  1 00:00:00 1970\n${parent}`,
    );
    const mail = review.tarbisect("report", "v1.1", "v1.3", "--thread", "thread.mbox", "--format", "mail");
    const { headers, parts } = parseMail(mail);
    expect(headers).toMatchObject({
      to: '"Müller, Eva" <eva@example.com>',
      cc: "e1000-devel@lists.example.org, bob@example.net",
      subject: "Re: i40e leaks",
      "in-reply-to": "<2@example.com>",
      references: "<1@example.com> <2@example.com>",
    });
    expect(Buffer.from(parts[0]!.content, "base64").toString()).toMatch(
      /^On 2026-11-24, Müller, Eva wrote:\n> Did you look at the ring\?\n>> quoted before\n\n== Finding\n/,
    );
    writeFileSync(join(review.folder, "parent.eml"), parent);
    const single = review.tarbisect("report", "v1.1", "v1.3", "--reply-to", "parent.eml", "--format", "mail");
    expect(parseMail(single).headers).toEqual({ ...headers });
  });

  it("keeps its own subject when only an id is known, and lets no header in by an id or a name", () => {
    const mail = review.tarbisect(
      "report",
      "v1.1",
      "v1.3",
      "--reply-to",
      "<x@example.com>",
      "--format",
      "mail",
    );
    expect(parseMail(mail).headers).toMatchObject({
      "in-reply-to": "<x@example.com>",
      subject: "1.1 to 1.3: review of 2 changed functions",
    });
    const evil = parent.replace(
      "bob@example.net",
      '"x\\" <y@z>\\r\\nBcc: all@example.org" <bob@example.net>',
    );
    writeFileSync(join(review.folder, "evil.eml"), evil);
    const answer = review.tarbisect("report", "v1.1", "v1.3", "--reply-to", "evil.eml", "--format", "mail");
    expect(parseMail(answer).headers).not.toHaveProperty("bcc");
  });

  it("goes into an mbox that git takes", () => {
    review.tarbisect("report", "v1.1", "v1.3", "--trace", "crash.log", "--format", "mail", "-o", "out.mbox");
    const text = readFileSync(join(review.folder, "out.mbox"), "utf8");
    expect(text).toMatch(/^From mboxrd@z Wed Nov 25 10:00:00 2026\nFrom: Ada/);
    mkdirSync(join(review.folder, "../split"));
    expect(review.git("mailsplit", "-o../split", "out.mbox").trim()).toBe("1");
  });

  it("keeps a long author and its id on one line, which b4 needs", async () => {
    const from = `Ada Example <${"ada.".repeat(12)}lovelace@analytical-engines.example.org>`;
    const report = JSON.parse(review.tarbisect("report", "v1.1", "v1.3", "--json")) as Report;
    const options = { from, reply: undefined, attachmentBytes: 10_000, upstream: false };
    for (const attachments of [[], [{ name: "crash.log", text: "Oops" }]]) {
      const text = await renderMail(report, { ...options, attachments });
      expect(text.split("\n")).toContain(`From: ${from}`);
      expect(text).toMatch(/^Message-ID: <\S+@analytical-engines\.example\.org>$/m);
      expect(parseMail(text).defects).toBe(0);
    }
  });
});
