import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareTrees } from "../../src/changes/compare-trees.js";
import { readEvidence } from "../../src/evidence/read-evidence.js";
import { readSource } from "../../src/source/source-file.js";
import { buildCallGraph } from "../../src/suspects/call-graph.js";
import { findSuspects, type Suspicion } from "../../src/suspects/rank-suspects.js";

interface Case {
  before: string;
  after: string;
  trace?: string;
  fixed?: string;
}

function find({ before, after, trace, fixed }: Case): Suspicion {
  const tree = (name: string, text: string) => ({ name, files: new Map([["nic.c", text]]) });
  const [old, current] = [tree("1", before), tree("2", after)];
  return findSuspects({
    changes: compareTrees(old, current),
    graph: buildCallGraph([readSource(after, "nic.c")]),
    traces: trace === undefined ? [] : [{ text: trace, evidence: readEvidence(trace) }],
    ...(fixed === undefined ? {} : { fix: compareTrees(current, tree("3", fixed)) }),
  });
}

const nic = (value: number, rest: string): string =>
  `static void nic_fill(struct nic *nic)\n{\n\tnic->depth = ${value};\n}\n${rest}`;

/** The path to nic_fill, whose one line changed, when the trace and the rest of the driver are these. */
function pathOf(trace: string, rest: string): string[] | undefined {
  return find({ before: nic(1, rest), after: nic(2, rest), trace }).suspects[0]?.path;
}

describe("a trace leads to a change", () => {
  const caller = "void nic_reset_queue(struct nic *nic)\n{\n\tnic_fill(nic);\n}\n";

  test.each([
    ["a debugger's frames", " ffffff01809129b0 nic_reset_queue+0x50(ffffff597dde7c58)\n"],
    ["another kernel's frames", "#9 0xffffffff81a39069 at nic_reset_queue+0x149\n"],
    ["frames without addresses", "[<0>] nic_reset_queue+0x1/0x2 [nic]\n"],
    ["frames that are all uncertain", "Call Trace:\n ? nic_reset_queue+0x1/0x2 [nic]\n"],
    ["a failed assertion", "(nic.c:12:nic_reset_queue()) ASSERTION( depth > 0 ) failed\n"],
    ["the name that an older release had", "Call Trace:\n nic_reset_queues+0x1/0x2 [nic]\n"],
  ])("by %s", (_, trace) => {
    expect(pathOf(trace, caller)).toEqual(["nic_reset_queue", "nic_fill"]);
  });

  test("by state that it writes and a function of the trace uses, without a call between them", () => {
    const reader = "void nic_poll(struct nic *nic)\n{\n\tif (nic->depth > 3)\n\t\tnic_drop(nic);\n}\n";
    const other = (value: number): string =>
      `void nic_tune(struct nic *nic)\n{\n\tif (nic->speed > ${value})\n\t\treturn;\n}\n`;
    const { suspects } = find({
      before: nic(1, reader + other(1)),
      after: nic(2, reader + other(2)),
      trace: "Call Trace:\n nic_poll+0x1/0x2 [nic]\n",
    });
    const [first, second] = suspects.map(({ name, reasons }) => [name, reasons[0]?.text]);
    expect(first).toEqual(["nic_fill", "it writes depth, which few functions beside those of the trace use"]);
    expect(second).toEqual(["nic_tune", "in the same file as a function of the trace"]);
  });

  test("by a message that the driver printed", () => {
    const printer = `void nic_stop(struct nic *nic)\n{\n\tdev_warn(nic->dev, "queue %d did not stop in time\\n", 3);\n\tnic_fill(nic);\n}\n`;
    expect(pathOf("nic 0000:01:00.0: queue 12 did not stop in time\n", printer)).toEqual([
      "nic_stop",
      "nic_fill",
    ]);
  });

  test("but not by the driver's own way to say that it failed", () => {
    const rest = `void nic_lbug(void)\n{\n}\n${caller}void nic_other(struct nic *nic)\n{\n\tnic_lbug();\n\tnic_fill(nic);\n}\n`;
    expect(pathOf("Call Trace:\n nic_lbug+0x1/0x2 [nic]\n nic_reset_queue+0x1/0x2 [nic]\n", rest)).toEqual([
      "nic_reset_queue",
      "nic_fill",
    ]);
  });

  test.each([
    [
      "a macro",
      "#define NIC_FILL(nic) nic_fill(nic)\nvoid nic_run(struct nic *nic)\n{\n\tNIC_FILL(nic);\n}\n",
    ],
    [
      "a table of handlers",
      "static struct handler handlers[] = {\n\t[FILL] = { 1, nic_fill },\n};\nvoid nic_run(int kind)\n{\n\thandlers[kind].call(0);\n}\n",
    ],
    [
      "a work item",
      "void nic_open(struct nic *nic)\n{\n\tINIT_WORK(&nic->fill_task, nic_fill);\n}\nvoid nic_run(struct nic *nic)\n{\n\tschedule_work(&nic->fill_task);\n}\n",
    ],
    [
      "a member that holds a function",
      "static const struct ops ops = {\n\t.fill = nic_fill,\n};\nvoid nic_run(struct nic *nic)\n{\n\tnic->ops->fill(nic);\n}\n",
    ],
  ])("through %s", (_, rest) => {
    expect(pathOf("Call Trace:\n nic_run+0x1/0x2 [nic]\n", rest)).toEqual(["nic_run", "nic_fill"]);
  });

  test.each([
    [
      "page_owner",
      "Page allocated via order 0, mask 0x1(GFP_ATOMIC), pid 9, tgid 9 (x), ts 1 ns\nPFN 0x1 type Unmovable\n",
      "took pages that were not given back",
    ],
    [
      "kmemleak",
      'unreferenced object 0xffff888101 (size 512):\n  comm "x", pid 1, jiffies 1\n  backtrace:\n    nic_other+0x1/0x2 [nic]\nunreferenced object 0xffff888102 (size 512):\n  comm "x", pid 1, jiffies 1\n  backtrace:\n',
      "took memory that nothing points to any more",
    ],
  ])("by memory that %s says is held", (_, head, how) => {
    const before = nic(1, "");
    const trace = `${head}    __alloc_pages+0x1/0x2\n    nic_fill+0x1/0x2 [nic]\n`;
    const [first] = find({ before, after: nic(2, ""), trace }).suspects;
    expect(first?.path).toEqual(["nic_fill"]);
    expect(first?.reasons.map(({ text }) => text)).toContain(how);
  });

  test("not by a kernel that has no function of this driver", () => {
    const { sighted, suspects } = find({
      before: nic(1, ""),
      after: nic(2, ""),
      trace: "Call Trace:\n tcp_v4_rcv+0x1/0x2\n",
    });
    expect(sighted).toBe(0);
    expect(suspects[0]?.path).toEqual([]);
  });
});

test("a program beside the driver is not suspected of what the kernel met", () => {
  const tool = (size: number): string =>
    `#include <stdio.h>\nint main(void)\n{\n\tchar line[${size}];\n\treturn !fgets(line, sizeof(line), stdin);\n}\n`;
  const tree = (name: string, value: number) => ({
    name,
    files: new Map([
      ["nic.c", nic(value, "")],
      ["tool.c", tool(value)],
    ]),
  });
  const text = "kernel BUG at mm/slub.c:1!\nCall Trace:\n kfree+0x1/0x2\n";
  const { suspects } = findSuspects({
    changes: compareTrees(tree("1", 1), tree("2", 2)),
    graph: buildCallGraph([readSource(nic(2, ""), "nic.c"), readSource(tool(2), "tool.c")]),
    traces: [{ text, evidence: readEvidence(text) }],
  });
  expect(suspects.map(({ name }) => name)).toEqual(["nic_fill", "main"]);
});

test("the same function for another kernel did not run when Linux printed the trace", () => {
  const files = ["os/freebsd/nic.c", "os/linux/nic.c"];
  const tree = (name: string, value: number) => ({
    name,
    files: new Map(files.map((file) => [file, nic(value, "")])),
  });
  const rankedFiles = (text: string): string[] =>
    findSuspects({
      changes: compareTrees(tree("1", 1), tree("2", 2)),
      graph: buildCallGraph(files.map((file) => readSource(nic(2, ""), file))),
      traces: [{ text, evidence: readEvidence(text) }],
    }).suspects.map(({ file, reasons }) => `${file} ${reasons.some(({ signal }) => signal === "program")}`);
  expect(rankedFiles("Call Trace:\n nic_fill+0x1/0x2 [nic]\n")).toEqual([
    "os/linux/nic.c false",
    "os/freebsd/nic.c true",
  ]);
  expect(rankedFiles("#9 0xffffffff81a39069 at nic_fill+0x149\n")).not.toContain("os/freebsd/nic.c true");
});

test.each([
  ["a shift", " __ubsan_handle_shift_out_of_bounds+0x1/0x2\n", "nic->mask = 1 << order;"],
  ["a division", " exc_divide_error+0x1/0x2\n", "nic->rate = total / packets;"],
  ["data of one CPU", " check_preemption_disabled+0x1/0x2\n", "buf = this_cpu_ptr(nic->buf);"],
  ["a copy to a user", " usercopy_abort+0x1/0x2\n", "cache = KMEM_CACHE(nic_cmd, 0);"],
])("a report that only %s sets off points at such a line", (_, handler, line) => {
  const other = (body: string): string => nic(1, `void nic_other(struct nic *nic)\n{\n\t${body}\n}\n`);
  const more = (depth: number): string =>
    `void nic_more(struct nic *nic)\n{\n\tnic->list_size = ${depth};\n\tnic->count = ${depth};\n}\n`;
  const { suspects } = find({
    before: other("") + more(1),
    after: other(line) + more(2),
    trace: `Oops: 0000 [#1] SMP\nCall Trace:\n${handler} nic_fill+0x1/0x2 [nic]\n`,
  });
  expect(suspects[0]?.name).toBe("nic_other");
});

test.each([
  [
    "a timer",
    " expire_timers+0x1/0x2\n run_timer_softirq+0x1/0x2\n",
    "timer_setup(&nic->timer, nic_late, 0);",
  ],
  ["an RCU callback", " kmem_cache_free+0x1/0x2\n rcu_core+0x1/0x2\n", "call_rcu(&nic->rcu, nic_late);"],
  ["a work item", " process_one_work+0x1/0x2\n worker_thread+0x1/0x2\n", "schedule_work(&nic->task);"],
])("a crash in %s without a function of the driver points at who made it", (_, frames, line) => {
  const nicWith = (body: string): string => nic(1, `void nic_start(struct nic *nic)\n{\n\t${body}\n}\n`);
  const more = (depth: number): string =>
    `void nic_more(struct nic *nic)\n{\n\tnic->list_count = ${depth};\n}\n`;
  const { suspects } = find({
    before: nicWith("") + more(1),
    after: nicWith(line) + more(2),
    trace: `BUG: unable to handle kernel paging request at 000000000000a578\nCall Trace:\n${frames}`,
  });
  expect(suspects[0]?.name).toBe("nic_start");
});

test("a lockdep report points at lines with the locks that it names", () => {
  const locker = (name: string, lock: string): string => `void ${name}(struct nic *nic)\n{\n\t${lock}\n}\n`;
  const before = locker("nic_a", "") + locker("nic_b", "");
  const after =
    locker("nic_a", "spin_lock(&nic->wait_queue_lock);") + locker("nic_b", "spin_lock(&nic->stats_lock);");
  const { suspects } = find({
    before,
    after,
    trace: [
      "WARNING: possible circular locking dependency detected",
      "ip/1 is trying to acquire lock:",
      "ffff888100 (&nic->stats_lock){+.+.}-{3:3}, at: dev_ioctl+0x1/0x2",
      "but task is already holding lock:",
      "ffff888200 (&(&nic->lock)->rlock){+.+.}-{3:3}, at: dev_ioctl+0x1/0x2\n",
    ].join("\n"),
  });
  expect(suspects[0]).toMatchObject({ name: "nic_b" });
  expect(suspects[0]?.reasons.map(({ text }) => text)).toContain(
    "its changed lines are about the locks of the report (stats_lock)",
  );
});

test("a fixed release that changes everything again says less than one that changes a single function", () => {
  const two = (first: number, second: number): string =>
    nic(first, `void nic_other(struct nic *nic)\n{\n\tnic->width = ${second};\n}\n`);
  const pointsOf = (fixed: string): number =>
    find({ before: two(1, 1), after: two(2, 2), fixed })
      .suspects.find(({ name }) => name === "nic_fill")!
      .reasons.find(({ signal }) => signal === "fix")!.points;
  expect(pointsOf(two(3, 2))).toBeGreaterThan(pointsOf(two(3, 3)));
});

test("of two functions with one name, the fix of one is no fix of the other", () => {
  const tree = (name: string, here: number, there: number) => ({
    name,
    files: new Map([
      ["os/linux/nic.c", nic(here, "")],
      ["os/other/nic.c", nic(there, "")],
    ]),
  });
  const { suspects } = findSuspects({
    changes: compareTrees(tree("1", 1, 1), tree("2", 2, 2)),
    graph: buildCallGraph([]),
    traces: [],
    fix: compareTrees(tree("2", 2, 2), tree("3", 3, 2)),
  });
  expect(suspects.map(({ file, reasons }) => [file, reasons[0]?.text])).toEqual([
    ["os/linux/nic.c", expect.stringContaining("the fixed release changes")],
    ["os/other/nic.c", "the fixed release leaves it as it is"],
  ]);
});

test("a function that kept a line which others replaced is told so", () => {
  const user = (name: string, line: string, depth: number): string =>
    `void ${name}(struct nic *nic)\n{\n\t${line}\n\tnic->depth = ${depth};\n}\n`;
  const [old, now] = ["spin_lock(&nic->stats_lock);", "spin_lock_bh(&nic->stats_lock);"];
  const { suspects } = find({
    before: user("nic_a", old, 1) + user("nic_b", old, 1) + user("nic_c", old, 1),
    after: user("nic_a", now, 1) + user("nic_b", now, 1) + user("nic_c", old, 2),
  });
  expect(suspects.find(({ name }) => name === "nic_c")?.reasons.map(({ text }) => text)).toContain(
    `it still has "${old}", which became "${now}" in 2 other functions`,
  );
});

test("unchanged functions that use a changed contract are listed", () => {
  const driver = (limit: number, type: string, failed: string): string =>
    `#define NIC_LIMIT ${limit}\nstruct nic {\n\t${type} depth;\n};\nint nic_get(int x)\n{\n\tif (x)\n\t\treturn ${failed};\n\treturn 0;\n}\n` +
    `int nic_user(struct nic *nic)\n{\n\treturn nic_get(1) < 0 || nic->depth > NIC_LIMIT;\n}\n`;
  const { dependents } = find({ before: driver(1, "u32", "-EINVAL"), after: driver(2, "u16", "-EBUSY") });
  expect(dependents).toEqual([
    {
      name: "nic_user",
      file: "nic.c",
      path: [],
      contracts: [
        "the macro NIC_LIMIT, which it uses, is another",
        "the member depth of nic, which it uses, is declared otherwise",
        "nic_get, which it calls, returns other values",
      ],
    },
  ]);
});

test("whatever a trace holds, the same list comes out twice, ranked from 1 and by score", () => {
  const line = fc.constantFrom(
    "BUG: unable to handle kernel NULL pointer dereference",
    " nic_fill+0x1/0x2 [nic]",
    " ? nic_fill+0x1",
    "LBUG nic.c:1:nic_fill()",
    "unreferenced object 0xffff (size 8):",
    "[12:00:00] Top 10 stacks with outstanding allocations:",
    "\t4096 bytes in 1 allocations from stack",
    "(",
    "+0x",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string())), (lines) => {
      const once = { before: nic(1, nic2(1)), after: nic(2, nic2(2)), trace: lines.join("\n") };
      const { suspects } = find(once);
      expect(find(once).suspects).toEqual(suspects);
      expect(suspects.map(({ rank }) => rank)).toEqual([1, 2]);
      expect(suspects[0]!.score).toBeGreaterThanOrEqual(suspects[1]!.score);
    }),
    { numRuns: 100 },
  );
});

function nic2(value: number): string {
  return `void nic_second(struct nic *nic)\n{\n\tnic->first = ${value};\n\tnic->last = ${value};\n}\n`;
}

describe("a trace without a function of the driver", () => {
  const trace =
    "BUG: kernel NULL pointer dereference, address: 0\nRIP: 0010:__timer_start+0x1/0x2\nCall Trace:\n run_softirq+0x1/0x2\n";
  const starter = (delay: number): string =>
    `void nic_arm(struct nic *nic)\n{\n\ttimer_start(nic->timer, ${delay});\n}\n`;
  const others = (count: number): string =>
    Array.from(
      { length: count },
      (_, i) => `void nic_arm_${i}(struct nic *nic)\n{\n\ttimer_start(nic->timer, 9);\n}\n`,
    ).join("");

  test("leads to who calls the kernel's function in it", () => {
    const { suspects, sighted } = find({ before: nic(1, starter(1)), after: nic(2, starter(2)), trace });
    expect(suspects[0]).toMatchObject({ name: "nic_arm", path: ["__timer_start", "nic_arm"] });
    expect(sighted).toBe(0);
  });

  test("but not where many do", () => {
    const rest = others(20);
    const { suspects } = find({ before: nic(1, starter(1) + rest), after: nic(2, starter(2) + rest), trace });
    expect(suspects.map(({ path }) => path)).toEqual([[], []]);
  });

  test("and to what queues work, when work was queued that could not be", () => {
    const late =
      "BUG: kernel NULL pointer dereference, address: 0\nRIP: 0010:__queue_work+0x1/0x2\nCall Trace:\n call_timer_fn+0x1/0x2\n";
    const queue = (wq: string): string =>
      `void nic_later(struct nic *nic)\n{\n\tqueue_work(nic->${wq}, &nic->reset);\n}\n`;
    const { suspects } = find({ before: nic(1, queue("wq")), after: nic(2, queue("slow_wq")), trace: late });
    expect(suspects[0]?.name).toBe("nic_later");
    expect(suspects[0]?.reasons.map(({ text }) => text)).toContain("its changed lines are about work items");
  });
});

test("what is new is less suspect, unless the trace runs through what is new", () => {
  const fresh = "void nic_read(struct nic *nic)\n{\n\tnic->table = nic_load(nic);\n}\n";
  const caller = "void nic_setup(struct nic *nic)\n{\n\tnic_read(nic);\n}\n";
  const edits = (before: string, name: string): string | undefined =>
    find({
      before,
      after: nic(1, fresh + caller),
      trace: `kernel BUG at nic.c:1!\nRIP: 0010:nic_setup+0x1/0x2 [nic]\n`,
    })
      .suspects.find((suspect) => suspect.name === name)
      ?.reasons.find(({ signal }) => signal === "edit")?.text;
  const old = nic(1, "void nic_setup(struct nic *nic)\n{\n}\n");
  expect(edits(old, "nic_read")).toBe("it is new: what worked before did not run it");
  expect(edits(nic(1, ""), "nic_setup")).toBe("it is new and in the trace: without it this could not happen");
  expect(edits(nic(1, ""), "nic_read")).toBe(
    "it is new, and so is nic_setup through which the trace leads to it",
  );
});

test("what a frame calls behind the call that the trace stands in is less near than what it called before", () => {
  const step = (name: string, value: number): string =>
    `void nic_${name}(struct nic *nic)\n{\n\tset_${name}(${value});\n}\n`;
  const run = "void nic_run(struct nic *nic)\n{\n\tnic_load(nic);\n\tnic_send(nic);\n\tnic_drain(nic);\n}\n";
  const calls = "void nic_send(struct nic *nic)\n{\n\tpush(nic);\n}\n" + run;
  const trace =
    "kernel BUG at nic.c:1!\nRIP: 0010:push+0x1/0x2\nCall Trace:\n nic_send+0x1/0x2 [nic]\n nic_run+0x1/0x2 [nic]\n";
  const nearness = (frames: string): (number | undefined)[] => {
    const { suspects } = find({
      before: step("load", 1) + step("drain", 1) + calls,
      after: step("load", 2) + step("drain", 2) + calls,
      trace: frames,
    });
    return ["nic_load", "nic_drain"].map(
      (name) => suspects.find((one) => one.name === name)?.reasons[0]?.points,
    );
  };
  const [before, behind] = nearness(trace);
  expect(before! - behind!).toBeGreaterThan(0.5);
  const [one, other] = nearness("kernel BUG at nic.c:1!\nRIP: 0010:nic_run+0x1/0x2 [nic]\n");
  expect(one).toBe(other);
});
