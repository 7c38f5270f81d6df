import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readKernelLog } from "../../src/evidence/kernel-log.js";
import { packageRoot } from "../../src/host/package-root.js";

const log = (name: string): string => readFileSync(join(packageRoot, "test/fixtures/logs", name), "utf8");

describe("one log, several events", () => {
  const events = readKernelLog(log("page-state.log"));

  test("a headline and the BUG that follows it are one event", () => {
    expect(events.map((e) => [e.kind, e.class, e.title])).toEqual([
      ["usercopy", "bug", "BUG: bad usercopy in tcp_recvmsg"],
      ["bad-page", "memory_safety_bug", "BUG: Bad page state in skb_release_data"],
    ]);
  });

  test("module, taint, wrapped module list, process and CPU", () => {
    const [, badPage] = events;
    expect(badPage).toMatchObject({
      cpu: 57,
      process: "swapper/57",
      taint: "DOE",
      kernel: "5.10.0-28-amd64",
    });
    expect(badPage?.modules).toContainEqual({ name: "demo_nic", flags: "OE" });
    expect(badPage?.modules.map((m) => m.name)).not.toContain("last");
    expect(badPage?.modulesInStack).toEqual(["demo_nic"]);
    expect(badPage?.frames.find((f) => f.module === "demo_nic")).toEqual({
      function: "demo_clean_rx",
      offset: 0x137f,
      size: 0x1720,
      module: "demo_nic",
      reliable: true,
      inline: false,
      context: "irq",
      stack: "main",
      trace: 1,
    });
    expect(badPage?.frames.find((f) => f.function === "check_preempt_curr")?.reliable).toBe(false);
    expect(badPage?.frames.at(-1)?.context).toBe("task");
  });

  test("an instruction pointer in user space is nobody's", () => {
    expect(events[0]?.ip?.function).toBe("usercopy_abort");
  });
});

test("two CPUs that write at once are told apart by their caller ids", () => {
  const [oops, hang] = readKernelLog(log("two-cpus.log"));
  expect(oops?.title).toBe("BUG: unable to handle kernel NULL pointer dereference in demo_poll");
  expect(oops?.frames.map((f) => f.function)).toEqual(["demo_poll", "__napi_poll", "net_rx_action"]);
  expect(hang?.title).toBe("INFO: task hung in demo_remove");
  expect(hang?.frames.map((f) => f.function)).not.toContain("__napi_poll");
});

test("arm64: program counter, work function, a build id after the module", () => {
  const [oops, ...others] = readKernelLog(log("arm64.log"));
  expect(others).toEqual([]);
  expect(oops).toMatchObject({
    kind: "page-fault",
    blamed: "demo_unlink_filter",
    workFunction: "demo_service_task",
    signature: "page-fault | demo_unlink_filter | demo_nic:demo_unlink_filter | demo_nic:demo_sync",
  });
});

test("the signature stays when addresses, offsets, process and CPU differ", () => {
  const again = log("two-cpus.log")
    .replaceAll("+0x3c/0x2a0", "+0x40/0x2b8")
    .replaceAll("isra.0", "constprop.1.cold")
    .replaceAll("swapper/1", "iperf3");
  expect(readKernelLog(again)[0]?.signature).toBe(readKernelLog(log("two-cpus.log"))[0]?.signature);
});

test("ordinary boot chatter is no event", () => {
  const chatter = [
    "[    0.000000] Command line: panic=86400 panic_on_warn=1 oops=panic",
    "[   49.679506][ T8428] WARNING: the mand mount option is being deprecated and",
    "[   36.852785] traps: app[3615] general protection fault ip:7feb96eb56a1 sp:20000fd0 error:0",
    "[   95.445015] INFO: NMI handler (perf_event_nmi_handler) took too long to run: 1.356 msecs",
    "[  600.041156] EXT4-fs (loop1): INFO: recovery required on readonly filesystem",
    "2026-11-25T12:52:10+0100 node7 sshd[77]: error: kex protocol error",
  ];
  expect(readKernelLog(chatter.join("\n"))).toEqual([]);
});

test("nothing throws, whatever the order or the cut", () => {
  const lines = [
    ...log("page-state.log").split("\n"),
    ...log("two-cpus.log").split("\n"),
    ...log("arm64.log").split("\n"),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(lines), fc.nat(400), (some, cut) => {
      for (const event of readKernelLog(some.join("\n").slice(0, -cut - 1))) expect(event.title).not.toBe("");
    }),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(fc.string(), (text) => void readKernelLog(text)),
    { numRuns: 150 },
  );
});

test("memleak's stacks behind a crash in the same mail are not the crash's", () => {
  const mail = [
    "kernel BUG at mm/usercopy.c:99!",
    "[21:43:55] Top 10 stacks with outstanding allocations:",
    "\t4096 bytes in 1 allocations from stack",
    "\t\tdemo_alloc_rx+0x14a [demo_nic]",
  ];
  const [event] = readKernelLog(mail.join("\n"));
  expect(event?.frames).toEqual([]);
});
