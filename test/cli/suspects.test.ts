import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { suspectsJsonSchema } from "../../src/suspects/suspects-shape.js";

const launcher = new URL("../../bin/tarbisect.js", import.meta.url).pathname;
const schema = new URL("../../schema/suspects.schema.json", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "tarbisect-suspects-"));
const env = { ...process.env, XDG_CACHE_HOME: join(folder, "cache") };
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): string {
  return execFileSync(launcher, ["suspects", ...args], { cwd: folder, env, encoding: "utf8" });
}

/** A driver of which one release refills a page's references by one too few. */
function driver(name: string, test: string, refill: string): string {
  return `static bool ${name}_reuse_page(struct ring *ring, struct page *page)
{
	if (${test}) {
		page_ref_add(page, ${refill});
		ring->bias = USHRT_MAX;
	}
	return true;
}

static int ${name}_clean_rx(struct ring *ring)
{
	return ${name}_reuse_page(ring, ring->page);
}

static int ${name}_poll(struct napi_struct *napi, int budget)
{
	return ${name}_clean_rx(ring_of(napi));
}

static irqreturn_t ${name}_interrupt(int irq, void *data)
{
	napi_schedule(&ring_of(data)->napi);
	return IRQ_HANDLED;
}
`;
}

function release(name: string, text: string): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, "nic.c"), text);
}

const filter = (rule: number): string => `
static void nic_set_filter(struct nic *nic)
{
	write_rule(nic, ${rule});
}
`;

beforeAll(() => {
  release("1.0", driver("nic", "!ring->bias", "USHRT_MAX") + filter(1));
  release("1.1", driver("nic", "!ring->bias", "USHRT_MAX - 1") + filter(2));
  release("1.2", driver("nic", "ring->bias == 1", "USHRT_MAX - 1") + filter(2));
  release("2.0", driver("nic", "ring->bias == 1", "USHRT_MAX - 1") + filter(3));
  release("other", driver("ion", "ring->bias == 1", "USHRT_MAX - 1"));
  writeFileSync(
    join(folder, "dmesg.txt"),
    `kernel: BUG: Bad page state in process swapper/57  pfn:7d518e
kernel: Call Trace:
kernel:  <IRQ>
kernel:  page_frag_free+0x5f/0x80
kernel:  nic_interrupt+0x37f/0x720 [nic]
kernel:  </IRQ>
`,
  );
});

test("a trace of the interrupt leads to the poll that it schedules, and on to the change", () => {
  expect(run("1.0", "1.1", "--fixed", "1.2", "--trace", "dmesg.txt", "--top", "1")).toMatchInlineSnapshot(`
    "2 changed functions, ranked by the 1 function that the traces name and what the fixed release changes again (1 of them)
    measured on 166 regressions whose cause is known, with a trace and with a fixed release: the true function was among the first five in 133
    a score is the sum of its reasons, and one more is twice as likely

    1. nic_reuse_page (nic.c), score 8.1
       +6.1 3 steps from the trace: nic_interrupt -> nic_poll -> nic_clean_rx -> nic_reuse_page
       +0.8 the fixed release changes 2 lines of it, right beside this change
       +1.0 its changed lines are about references to pages
       +0.3 it changes lines that ran before
         -		page_ref_add(page, USHRT_MAX);
         +		page_ref_add(page, USHRT_MAX - 1);
    "
  `);
});

test("without a trace and a fixed release it says how little it knows", () => {
  expect(run("1.0", "1.1").split("\n").slice(0, 2)).toEqual([
    "2 changed functions, and next to nothing to rank them by: no trace was given, and no fixed release (--trace, --fixed)",
    "measured on 184 regressions whose cause is known, without a trace and without a fixed release: the true function was among the first five in 37",
  ]);
});

test("a fixed release that changes nearly all of them again is told to be far away", () => {
  expect(run("1.0", "1.1", "--fixed", "2.0").split("\n")[0]).toBe(
    "2 changed functions, ranked by what the fixed release changes again (2 of them; one nearer to the bad release would tell more): no trace was given",
  );
});

test("a sibling shows which part of a change was left behind", () => {
  expect(run("1.0", "1.1", "--sibling", "other", "--top", "1")).toContain(
    '+2.0 it took over lines of ion_reuse_page, but reads "if (!ring->bias) {" where that has "if (ring->bias == 1) {"\n',
  );
});

test("--json is what the schema says", () => {
  const json = JSON.parse(run("1.0", "1.1", "--fixed", "1.2", "--trace", "dmesg.txt", "--json")) as {
    suspects: { name: string; path: string[] }[];
    sighted: number;
    changedAgain: number;
  };
  const published = JSON.parse(readFileSync(schema, "utf8")) as object;
  expect(published).toEqual(suspectsJsonSchema());
  const check = new Ajv2020().compile(published);
  expect(check(json), JSON.stringify(check.errors)).toBe(true);
  expect(json).toMatchObject({ sighted: 1, changedAgain: 1 });
  expect(json.suspects[0]).toMatchObject({
    name: "nic_reuse_page",
    path: ["nic_interrupt", "nic_poll", "nic_clean_rx", "nic_reuse_page"],
  });
});

test("a count that is none and a release that is not there end with 129", () => {
  for (const args of [
    ["1.0", "1.1", "--top", "few"],
    ["1.0", "9.9"],
    ["1.0", "1.1", "--trace", "missing.txt"],
  ]) {
    const { status, stderr } = spawnSync(launcher, ["suspects", ...args], {
      cwd: folder,
      env,
      encoding: "utf8",
    });
    expect(status).toBe(129);
    expect(stderr).toContain(args.at(-1)!);
  }
});
