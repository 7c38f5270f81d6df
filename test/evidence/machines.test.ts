// One crash of a made-up driver on each machine, as its kernels print it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { KernelEvent } from "../../src/evidence/kernel-event.js";
import { readKernelLog } from "../../src/evidence/kernel-log.js";
import { packageRoot } from "../../src/host/package-root.js";

const read = (name: string): KernelEvent[] =>
  readKernelLog(readFileSync(join(packageRoot, "test/fixtures/logs", `${name}.log`), "utf8"));

interface Expected {
  title: string;
  ip: string | undefined;
  cpu: number;
  pid: number;
  process: string;
  taint: string;
  kernel: string;
  /** The reliable calls, innermost first. */
  calls: string[];
}

const machines: Record<string, Expected> = {
  "i386-2.6": {
    title: "BUG: unable to handle kernel NULL pointer dereference in demo_xmit_frame",
    ip: "demo_xmit_frame",
    cpu: 1,
    pid: 2217,
    process: "iperf",
    taint: "P",
    kernel: "2.6.32-71.el6.i686",
    calls: ["ip_output", "ip_queue_xmit"],
  },
  "arm-old": {
    title: "BUG: unable to handle kernel NULL pointer dereference in demo_refill",
    ip: "demo_refill",
    cpu: 1,
    pid: 9,
    process: "ksoftirqd/1",
    taint: "O",
    kernel: "3.2.0-4-omap",
    calls: ["demo_poll", "net_rx_action", "__do_softirq", "run_ksoftirqd"],
  },
  "arm-new": {
    title: "WARNING in demo_alloc_rx",
    ip: undefined,
    cpu: 0,
    pid: 7,
    process: "ksoftirqd/0",
    taint: "O",
    kernel: "6.1.0-17-armmp",
    calls: [
      ...["unwind_backtrace", "show_stack", "dump_stack_lvl", "__warn", "warn_slowpath_fmt"],
      ...["demo_alloc_rx", "demo_poll", "__napi_poll", "net_rx_action"],
    ],
  },
  ppc64: {
    title: "BUG: unable to handle kernel paging request in demo_map_tx",
    ip: "demo_map_tx",
    cpu: 24,
    pid: 1123,
    process: "iperf3",
    taint: "OE",
    kernel: "5.14.0-70.el9.ppc64le",
    calls: ["demo_start_xmit", "dev_hard_start_xmit", "sch_direct_xmit"],
  },
  riscv: {
    title: "BUG: unable to handle kernel NULL pointer dereference in demo_free_rings",
    ip: "demo_free_rings",
    cpu: 2,
    pid: 88,
    process: "kworker/2:1",
    taint: "O",
    kernel: "6.6.0-riscv64",
    calls: ["demo_free_rings", "demo_down", "process_one_work"],
  },
  s390: {
    title: "BUG: unable to handle kernel paging request in demo_get_ringparam",
    ip: "demo_get_ringparam",
    cpu: 4,
    pid: 1201,
    process: "ethtool",
    taint: "O",
    kernel: "5.15.0-41-generic",
    calls: ["demo_get_ringparam", "ethtool_get_ringparam", "dev_ethtool"],
  },
  mips: {
    title: "BUG: unable to handle kernel paging request in demo_recv_skb",
    ip: "demo_recv_skb",
    cpu: 0,
    pid: 3,
    process: "ksoftirqd/0",
    taint: "O",
    kernel: "4.14.167",
    calls: ["demo_recv_skb", "demo_poll", "net_rx_action"],
  },
  loongarch: {
    title: "BUG: unable to handle kernel paging request in demo_recv_skb",
    ip: "demo_recv_skb",
    cpu: 1,
    pid: 412,
    process: "iperf3",
    taint: "OE",
    kernel: "6.6.0",
    calls: ["demo_recv_skb", "demo_poll"],
  },
};

describe("a crash on", () => {
  test.each(Object.entries(machines))("%s", (name, { ip, calls, ...fields }) => {
    const [event, ...others] = read(name);
    expect(others).toEqual([]);
    expect(event).toMatchObject(fields);
    expect(event?.ip?.function).toBe(ip);
    expect(event?.frames.filter((f) => f.stack === "main" && f.reliable).map((f) => f.function)).toEqual(
      calls,
    );
    expect(event?.modulesInStack).toEqual(["demo_nic"]);
    const own = event?.frames.filter((f) => f.module === "demo_nic" && f.stack === "main") ?? [];
    expect(own.every((f) => f.offset !== undefined && (f.size ?? 0) > f.offset)).toBe(true);
  });

  test("s390 says last where it branched, which is no caller", () => {
    const other = read("s390")[0]?.frames.filter((f) => f.stack === "other");
    expect(other?.map((f) => f.offset)).toEqual([0x56]);
  });
});

describe("a log without the processor's own line", () => {
  test("x86: what stands behind the exception's entry was running", () => {
    const log = [
      "BUG: kernel NULL pointer dereference, address: 000000000000016c",
      "Call Trace:",
      " <TASK>",
      " ? __die+0x24/0x80",
      " ? page_fault_oops+0x99/0x1b0",
      " ? asm_exc_page_fault+0x27/0x30",
      " ? demo_set_sync+0x2e/0x410 [demo_repl]",
      " ? demo_recv+0x157/0x270 [demo_tcp]",
      " demo_out_of_sync+0x1c/0x30 [demo_repl]",
    ];
    const [event] = readKernelLog(log.join("\n"));
    expect(event?.blamed).toBe("demo_set_sync");
    expect(event?.frames.filter((f) => f.reliable).map((f) => f.function)).toEqual([
      "demo_set_sync",
      "demo_out_of_sync",
    ]);
  });

  test("a backtrace alone, as it was pasted, is an event of unknown class", () => {
    const [event] = readKernelLog("Call trace:\n demo_free+0xd0/0x4dc [demo_mesh]\n kthread+0xd8/0xdc\n");
    expect(event).toMatchObject({ class: "unknown", title: "backtrace of demo_free", blamed: "demo_free" });
  });

  test("a trace in the middle of other lines is none", () => {
    expect(readKernelLog("demo: unchecked access\nCall Trace:\n demo_a+0x1/0x2\n")).toEqual([]);
  });
});

describe("drivers' own words", () => {
  test("NETDEV WATCHDOG before, after and without the WARNING", () => {
    const warning = "WARNING: CPU: 0 PID: 0 at net/sched/sch_generic.c:448 dev_watchdog+0x2b8/0x2c0";
    const old = "NETDEV WATCHDOG: eth1 (demo_nic): transmit queue 0 timed out";
    const recent = "demo_nic 0000:22:04.0 eth4: NETDEV WATCHDOG: CPU: 3: transmit queue 0 timed out 5010 ms";
    for (const lines of [[old, warning], [warning, old], [recent], [warning, recent]]) {
      const [event, ...others] = readKernelLog(lines.join("\n"));
      expect(others).toEqual([]);
      expect(event).toMatchObject({ kind: "netdev-watchdog", class: "device" });
    }
    expect(readKernelLog(recent)[0]).toMatchObject({
      driver: "demo_nic",
      cpu: 3,
      title: "NETDEV WATCHDOG: demo_nic transmit queue timed out",
    });
  });

  test("a hang that is told every second is one event, counted", () => {
    const hang = "demo_nic 0000:3b:00.0 ens1f0: Detected Tx Unit Hang";
    const [event, ...others] = readKernelLog([hang, hang, hang].join("\n"));
    expect(others).toEqual([]);
    expect(event).toMatchObject({ kind: "tx-hang", driver: "demo_nic", repeats: 2 });
  });

  test("assertions outside the kernel tree name their function", () => {
    const named = (...lines: string[]): unknown => readKernelLog(lines.join("\n"))[0]?.named;
    expect(named("VERIFY3(a >= b) failed (1 >= 2)", "PANIC at range.c:503:demo_range_remove()")).toBe(
      "demo_range_remove",
    );
    expect(named("VERIFY(0) failed", "SPLError: 6797:0:(znode.c:330:demo_set_ops()) SPL PANIC")).toBe(
      "demo_set_ops",
    );
    expect(named("LustreError: 7:0:(lu.c:24:demo_assign()) ASSERTION( rc == 0 ) failed: no")).toBe(
      "demo_assign",
    );
    expect(named("demo res/0: ASSERTION !demo_empty(i) FAILED in demo_remove_interval")).toBe(
      "demo_remove_interval",
    );
    expect(named("Assertion failure in demo_commit() at fs/demo/commit.c:12: 'x'")).toBe("demo_commit");
  });
});

test("a headline's own process and CPU", () => {
  const who = (line: string): unknown => {
    const [event] = readKernelLog(line);
    return [event?.process, event?.pid, event?.cpu];
  };
  expect(who("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [ksoftirqd/3:21]")).toEqual([
    "ksoftirqd/3",
    21,
    3,
  ]);
  expect(who("INFO: task kworker/u8:2:77 blocked for more than 120 seconds.")).toEqual([
    "kworker/u8:2",
    77,
    undefined,
  ]);
  expect(who("BUG: scheduling while atomic: iperf3/1234/0x00000100")).toEqual(["iperf3", 1234, undefined]);
  expect(who("iperf3: page allocation failure: order:0, mode:0x1")).toEqual(["iperf3", undefined, undefined]);
});

test("crash's bt: the task it prints, and where the exception came", () => {
  const bt = [
    'PID: 77     TASK: ffff9a8fc0d15000  CPU: 3   COMMAND: "kworker/3:1"',
    " #0 [ffffb0c1001d7a08] machine_kexec at ffffffff8c06a1b5",
    " #4 [ffffb0c1001d7be0] asm_exc_general_protection at ffffffff8cc00acb",
    "    [exception RIP: demo_unlink_filter+72]",
    " #5 [ffffb0c1001d7cb0] demo_sync at ffffffffc0a5c190 [demo_nic]",
  ];
  expect(readKernelLog(bt.join("\n"))).toMatchObject([
    { cpu: 3, pid: 77, process: "kworker/3:1", blamed: "demo_unlink_filter", ip: { offset: 72 } },
  ]);
});

test("a title holds no number that differs each time", () => {
  const title = (line: string): string | undefined => readKernelLog(line)[0]?.title;
  expect(title("Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b")).toBe(
    "kernel panic: Attempted to kill init!",
  );
  expect(title("BUG: KCSAN: data-race in demo_clean+0x551/0xb10 / demo_poll+0x1/0x2")).toBe(
    "KCSAN: data-race in demo_clean / demo_poll",
  );
});

test("a log that decode_stacktrace.sh went over, from a web page", () => {
  const log = [
    "BUG: kernel NULL pointer dereference, address: 0000000000000010",
    "RIP: 0010:demo_put_page (include/linux/mm.h:12 src/demo_rx.c:88) demo_nic",
    "Call Trace:",
    " &lt;IRQ&gt;",
    "? asm_exc_page_fault (arch/x86/include/asm/idtentry.h:570)",
    "demo_poll.isra.0 (src/demo_rx.c:312 (discriminator 3)) demo_nic",
    "__napi_poll (net/core/dev.c:6460)",
  ];
  const [event] = readKernelLog(log.join("\n"));
  expect(event).toMatchObject({
    blamed: "demo_put_page",
    ip: { function: "demo_put_page", module: "demo_nic", source: "include/linux/mm.h:12" },
  });
  expect(event?.frames.filter((f) => f.reliable).slice(1)).toMatchObject([
    { function: "demo_poll", symbol: "demo_poll.isra.0", source: "src/demo_rx.c:312", context: "irq" },
    { function: "__napi_poll", source: "net/core/dev.c:6460" },
  ]);
});

test("taint and kernel as distributions print them", () => {
  const said = (words: string): unknown => {
    const [event] = readKernelLog(
      `kernel BUG at drivers/demo.c:1!\nCPU: 3 PID: 41 Comm: kworker/3:1 ${words} #1 SMP`,
    );
    return [event?.process, event?.taint, event?.kernel];
  };
  const who = "kworker/3:1";
  expect(said("Tainted: G           OE     5.10.0-28-amd64")).toEqual([who, "OE", "5.10.0-28-amd64"]);
  expect(said("Kdump: loaded Tainted: G    B D W  OE     6.1.0")).toEqual([who, "BDWOE", "6.1.0"]);
  expect(said("Not tainted 6.9.0-syzkaller")).toEqual([who, "", "6.9.0-syzkaller"]);
  expect(said("Tainted: PF          O 3.11.0-12-generic")).toEqual([who, "PFO", "3.11.0-12-generic"]);
  expect(said("Tainted: G           OE  ------------   3.10.0-957.el7.x86_64")).toEqual([
    who,
    "OE",
    "3.10.0-957.el7.x86_64",
  ]);
  expect(said("Tainted: P           OE    --------- -t - 4.18.0-305.el8.x86_64")).toEqual([
    who,
    "POE",
    "4.18.0-305.el8.x86_64",
  ]);
  expect(said("Not tainted ------------   3.10.0-957.el7.x86_64")).toEqual([
    who,
    "",
    "3.10.0-957.el7.x86_64",
  ]);
});

test("a Red Hat 6 oops", () => {
  const [event] = readKernelLog(
    "kernel BUG at drivers/demo.c:1!\nPid: 2217, comm: iperf Tainted: P           ---------------    2.6.32-71.el6.x86_64 #1",
  );
  expect(event).toMatchObject({ pid: 2217, process: "iperf", taint: "P", kernel: "2.6.32-71.el6.x86_64" });
});
