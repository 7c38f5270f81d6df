import { Option } from "commander";
import { join, resolve } from "node:path";
import type { ReportFacts } from "../../report/assemble-report.js";
import type { Redact } from "../../report/redact.js";
import type { Report } from "../../report/report-shape.js";
import type { Call } from "../call.js";
import type { AddCommand } from "./index.js";

interface ReportOptions {
  fixed?: string;
  trace: string[];
  format: "text" | "mail" | "markdown" | "html" | "json";
  json?: true;
  output?: string;
  replyTo?: string;
  thread?: string;
  redact?: true;
  upstream?: true;
  attachLimit: string;
  charts?: string;
  evidence?: string;
  driver?: string;
}

export const addReport: AddCommand = (program, call, finish) => {
  program
    .command("report")
    .argument("[old]", "the good release; left out: the bisect that runs or has ended here")
    .argument("[new]", "the bad release")
    .description("write what was found as text, mail, Markdown, page or JSON; nothing is ever sent")
    .option("--fixed <release>", "the first release that is good again")
    .option("--trace <file>", "a kernel log or memleak print of the failure; may be given again", collect, [])
    .addOption(
      new Option("--format <format>").choices(["text", "mail", "markdown", "html", "json"]).default("text"),
    )
    .option("--json", "the same as --format json")
    .option("-o, --output <file>", "write to a file; a mail to NAME.mbox becomes an mbox")
    .option("--reply-to <mail>", "answer this mail: a file, or a Message-ID")
    .option("--thread <path>", "the thread's mails (mbox, folder, t.mbox.gz): recipients and references")
    .option("--redact", "replace host names, addresses and serial numbers")
    .option("--upstream", "with a line for the kernel's regression tracker")
    .option("--attach-limit <bytes>", "of a mail's attachments, packed; 0: none", "98304")
    .option("--charts <folder>", "also write each chart as an SVG file; the page saves them as PNG too")
    .option(
      "--evidence <folder>",
      "where the trials are; left out: as the settings say, else .tarbisect/evidence",
    )
    .option(
      "--driver <name>",
      "the catalog whose topics and releases to use (default: as tarbisect.yaml says, else told from the files)",
    )
    .action(async (old: string | undefined, current: string | undefined, options: ReportOptions) => {
      const [{ gatherReport }, { assembleReport }, { putOut }] = await Promise.all([
        import("../gather-report.js"),
        import("../../report/assemble-report.js"),
        import("../put-out.js"),
      ]);
      const { fixed, driver, evidence } = options;
      const facts = await gatherReport(
        {
          old,
          new: current,
          fixed,
          traces: options.trace,
          driver,
          evidence,
          command: commandLine(old, current, options),
        },
        call,
      );
      const logs = [...facts.traces, ...facts.trials.filter(isBad).flatMap((one) => one.seen)];
      const { report, redact } = await redacted(assembleReport(facts), logs, options);
      const attachments = logs.map(({ source, text }) => ({ name: redact(source), text: redact(text) }));
      const format = options.json ? "json" : options.format;
      const text = await renderers[format](report, { call, options, attachments, facts });
      if (options.charts !== undefined) await writeCharts(report, resolve(call.cwd, options.charts));
      await putOut(call, text, { file: options.output, page: format === "text" });
      finish(0);
    });
};

interface Rendering {
  call: Call;
  options: ReportOptions;
  attachments: { name: string; text: string }[];
  facts: ReportFacts;
}

const renderers = {
  text: async (report) => (await import("../../report/render-text.js")).renderText(report),
  markdown: async (report) => (await import("../../report/render-markdown.js")).renderMarkdown(report),
  json: async (report) => (await import("../../report/render-json.js")).renderJson(report),
  html: renderPage,
  mail: renderMailFace,
} satisfies Record<ReportOptions["format"], (report: Report, at: Rendering) => Promise<string>>;

async function renderPage(report: Report, { facts }: Rendering): Promise<string> {
  const [{ renderHtml }, { unitsToShow }, { pageAssets }] = await Promise.all([
    import("../../report/render-html.js"),
    import("../../report/suspects-part.js"),
    import("../page-assets.js"),
  ]);
  return renderHtml(report, unitsToShow(facts), pageAssets("report"));
}

async function writeCharts(report: Report, folder: string): Promise<void> {
  const [{ chartsOf }, { chartFile }, { writeFileAtomically }] = await Promise.all([
    import("../../report/charts.js"),
    import("../../report/chart-file.js"),
    import("../../host/write-file.js"),
  ]);
  for (const { name, svg } of chartsOf(report).map(chartFile))
    await writeFileAtomically(join(folder, name), svg);
}

async function renderMailFace(report: Report, { call, options, attachments }: Rendering): Promise<string> {
  const [{ usageFault }, { renderMail, asMbox }, { readReply }, { writerOf }] = await Promise.all([
    import("../../fault/fault.js"),
    import("../../report/render-mail.js"),
    import("../read-thread.js"),
    import("../read-bisect.js"),
  ]);
  if (!/^\d+$/.test(options.attachLimit))
    throw usageFault(`--attach-limit ${options.attachLimit} is no count of bytes`);
  const from = await writerOf(call.cwd);
  if (from === undefined)
    throw usageFault("git knows no address to write from", 'git config user.email "you@example.org"');
  const own = /<(.+)>/.exec(from)?.[1];
  const reply = await readReply({ replyTo: options.replyTo, thread: options.thread }, { cwd: call.cwd, own });
  const mail = await renderMail(report, {
    from,
    reply,
    attachments,
    attachmentBytes: Number(options.attachLimit),
    upstream: options.upstream === true,
  });
  return options.output?.endsWith(".mbox") ? asMbox(mail, report.writtenAt) : mail;
}

async function redacted(
  report: Report,
  logs: readonly { text: string }[],
  options: ReportOptions,
): Promise<{ report: Report; redact: Redact }> {
  if (options.redact !== true) return { report, redact: (text) => text };
  const [{ redactor, redactReport }, { hostname }] = await Promise.all([
    import("../../report/redact.js"),
    import("node:os"),
  ]);
  const places = report.trials.flatMap(({ place }) => place?.replace(/^.*@/, "") ?? []);
  const labels = [report.old, report.new, report.fixed].flatMap((one) => one?.label.replace(/^v/, "") ?? []);
  const keep = new Set([...labels, ...report.trials.map(({ version }) => version)]);
  const redact = redactor(
    logs.map(({ text }) => text),
    { hosts: [hostname(), ...places.filter((place) => !place.includes(" "))], keep },
  );
  return { report: redactReport(report, redact), redact };
}

function isBad({ trial }: { trial: { verdict: string } }): boolean {
  return trial.verdict === "bad";
}

/** As a reader would type it; formats and files of the mail are left out. */
function commandLine(old: string | undefined, current: string | undefined, options: ReportOptions): string {
  const { fixed, trace, driver } = options;
  const words = [
    ...(old === undefined || current === undefined ? [] : [old, current]),
    ...(fixed === undefined ? [] : ["--fixed", fixed]),
    ...trace.flatMap((file) => ["--trace", file]),
    ...(driver === undefined ? [] : ["--driver", driver]),
  ];
  return ["tarbisect report", ...words.map(quoted)].join(" ");
}

/** For a shell, when it needs that. */
function quoted(word: string): string {
  return /^[\w./:=@%+~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function collect(file: string, files: readonly string[]): string[] {
  return [...files, file];
}
