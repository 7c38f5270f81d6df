// A Netdata agent asked over HTTP. It may be the target's own, or a parent that keeps the target's metrics.
import { z } from "zod";
import { readNetdataAnswer, readNetdataView, type NetdataPoint } from "../evidence/netdata.js";
import { messageOf } from "../fault/fault.js";
import { secretNameShape, type Secrets } from "../host/secrets.js";

const defaultCharts = ["mem.available", "mem.slab", "system.ram", "system.softirqs", "system.net"];

export const netdataShape = z
  .strictObject({
    url: z
      .string()
      .regex(/^https?:\/\/[\w.:[\]-]+(\/[\w./-]*)?$/, "must be like http://server:19999")
      .describe("where the agent answers; of a parent with its path: http://parent:19999/host/server"),
    token: secretNameShape.optional().describe("a secret's name: sent as a bearer token"),
    charts: z
      .array(z.string().regex(/^[\w.:-]{1,120}$/, "is no chart's id"))
      .min(1)
      .default(defaultCharts)
      .describe("ids as /api/v1/charts lists them"),
  })
  .describe("a Netdata agent whose series are kept beside our own");

export type NetdataSettings = z.output<typeof netdataShape>;

export interface NetdataAgent {
  charts: readonly string[];
  /** The chart's units; undefined when the agent has no such chart. Throws when it does not answer. */
  units(chart: string): Promise<string | undefined>;
  /** Its points of the last seconds, and what the agent's clock says. Throws when it does not answer as one. */
  last(chart: string, seconds: number): Promise<{ points: NetdataPoint[]; nowMs: number }>;
}

const answerLimitMs = 5000;
const answerLimitBytes = 8 * 1024 * 1024;

/** Of a 404, in every version's words; an agent without the host says another thing. */
const noChart = "Chart is not found";
/** Netdata 2 may be built without what it calls deprecated, and has v3 instead. */
const noCommand = "Unsupported API command: chart";

/** Nothing is asked yet. */
export function openNetdata(settings: NetdataSettings, secrets: Secrets): NetdataAgent {
  const ask = async (path: string): Promise<Answer> => {
    const token = settings.token === undefined ? undefined : await secrets.read(settings.token);
    const answer = await get(`${settings.url.replace(/\/+$/, "")}/api/${path}`, token);
    return { ...answer, text: secrets.hide(answer.text) }; // it may say back what it was told
  };
  let version: keyof typeof chartQuery = "v1";
  const data = (chart: string, seconds: number): Promise<Answer> =>
    ask(
      `${version}/data?${chartQuery[version](chart, settings.url)}` +
        `&after=-${Math.ceil(seconds)}&points=0&format=json&options=seconds`,
    );
  return {
    charts: settings.charts,
    units: async (chart) => {
      if (version === "v3") return unitsByData(chart, await data(chart, 5));
      const { status, text } = await ask(`v1/chart?chart=${encodeURIComponent(chart)}`);
      if (status === 404 && text.startsWith(noChart)) return undefined;
      if (status === 404 && text.startsWith(noCommand)) {
        version = "v3";
        return unitsByData(chart, await data(chart, 5));
      }
      const units = status === 200 ? /"units": *"([^"\\\x00-\x1f]{0,40})"/.exec(text)?.[1] : undefined;
      if (units === undefined) throw new Error(`HTTP ${status} for the chart ${chart}`);
      return units;
    },
    last: async (chart, seconds) => {
      const { status, text, nowMs } = await data(chart, seconds);
      const points = status === 200 ? readNetdataAnswer(text) : undefined;
      if (points === undefined) throw new Error(`HTTP ${status} for the data of ${chart}`);
      return { points, nowMs };
    },
  };
}

/** How one chart is asked for. In v3 a node is part of the question: the path of a parent's host means nothing to it. */
const chartQuery = {
  v1: (chart: string) => `chart=${encodeURIComponent(chart)}`,
  v3: (chart: string, url: string) => {
    const [, node] = /\/host\/([^/]+)/.exec(url) ?? [];
    const of = node === undefined ? "" : `&scope_nodes=${encodeURIComponent(node)}`;
    return `scope_instances=${encodeURIComponent(chart)}&group_by=dimension${of}`;
  },
};

/** Several nodes would be added up. */
function unitsByData(chart: string, { status, text }: Answer): string | undefined {
  const view = status === 200 ? readNetdataView(text) : undefined;
  if (view === undefined) throw new Error(`HTTP ${status} for the chart ${chart}`);
  if (view.nodes > 1)
    throw new Error(
      `${chart} is of ${view.nodes} hosts: the url must name one, as http://parent:19999/host/server`,
    );
  return view.units;
}

interface Answer {
  status: number;
  text: string;
  /** By its Date header, whole seconds; ours when it has none. */
  nowMs: number;
}

/** A redirect is refused: it would take the token elsewhere. */
async function get(url: string, token: string | undefined): Promise<Answer> {
  const response = await fetch(url, {
    redirect: "error",
    signal: AbortSignal.timeout(answerLimitMs),
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
  }).catch((error: unknown) => {
    const { cause } = error as Error;
    throw new Error(messageOf(cause ?? error), { cause: error });
  });
  const date = Date.parse(response.headers.get("date") ?? "");
  return {
    status: response.status,
    text: await readLimited(response),
    nowMs: Number.isNaN(date) ? Date.now() : date,
  };
}

async function readLimited(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > answerLimitBytes) throw new Error(`an answer of more than ${answerLimitBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
