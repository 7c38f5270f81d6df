// What people paste: a few lines out of the middle of a crash, below what they wrote about it.
import { expect, test } from "vitest";
import { readKernelLog } from "../../src/evidence/kernel-log.js";

const prose = "After a reset the card crashes the machine.\nHere is what we caught of it:\n\n";
const frames = " demo_free+0x232/0x270 [demo_nic]\n demo_down+0x65/0xb0 [demo_nic]\n";

test.each([
  [
    "an instruction pointer",
    "RIP: 0010:demo_free+0x232/0x270 [demo_nic]\nCall Trace:\n demo_down+0x65/0xb0 [demo_nic]",
  ],
  [
    "PowerPC's instruction pointer",
    "NIP demo_free+0x232/0x270 [demo_nic]\nCall Trace:\n demo_down+0x65/0xb0 [demo_nic]",
  ],
  ["a backtrace", `Call Trace:\n${frames}`],
  [
    "registers and a clock",
    `[  105.1] RSP: 0018:0000 EFLAGS: 00010002\n[  105.2] Call Trace:\n[  105.3]${frames.replace("\n", "\n[  105.4]")}`,
  ],
  ["the stack of a process", "[<0>] demo_free+0x232/0x270 [demo_nic]\n[<0>] demo_down+0x65/0xb0 [demo_nic]"],
  ["addresses that the mail lost", "[] demo_free+0x232/0x270 [demo_nic]\n[] demo_down+0x65/0xb0 [demo_nic]"],
  ["a sleeping task", `demo_wq/3      D    0   125      2 0x80000000\nCall Trace:\n${frames}`],
  [
    "a frame of an old ARM kernel",
    "(demo_free [demo_nic]) from [<c02791ac>] (demo_down+0x4e4/0x584 [demo_nic])",
  ],
  ["who ran", `CPU: 3 PID: 41 Comm: modprobe Not tainted 6.12.9 #1\nCall Trace:\n${frames}`],
])("starts with %s", (_what, log) => {
  const [event, ...others] = readKernelLog(prose + log);
  expect(others).toEqual([]);
  expect(event).toMatchObject({ class: "unknown", blamed: "demo_free", modulesInStack: ["demo_nic"] });
  expect(event?.frames.map((frame) => frame.function)).toEqual(["demo_free", "demo_down"]);
});

test("a backtrace in a log that says nothing is wrong is none", () => {
  expect(readKernelLog(`[    1.0] demo_nic: link up\n[    2.0] Call Trace:\n[    2.1] ${frames}`)).toEqual(
    [],
  );
});

test("frames as decode_stacktrace.sh and narrow terminals leave them", () => {
  const log = [
    "kernel BUG at drivers/demo.c:1!",
    "Call Trace:",
    " demo_free+0x232/0x270 drivers/demo.c:52 [demo_nic]",
    " demo_stop drivers/demo.c:60 [inline]",
    " demo_down+0x65/0xb0[demo_nic]",
    " demo_reset+0x65/0xb0 [demo_n",
    " demo_task+0x65/0xb0 [dem>",
  ].join("\n");
  expect(readKernelLog(log)[0]?.frames.map(({ function: name, module }) => [name, module])).toEqual([
    ["demo_free", "demo_nic"],
    ["demo_stop", undefined],
    ["demo_down", "demo_nic"],
    ["demo_reset", undefined],
    ["demo_task", undefined],
  ]);
});

test("a dump in pstore begins in the middle of a log, and what it begins with is no event", () => {
  const dump = `Oops#1 Part1\n<4>[   20.1]  ${frames}\n<4>[   20.2] kernel BUG at drivers/demo.c:1!\n`;
  expect(readKernelLog(dump).map(({ title }) => title)).toEqual(["kernel BUG"]);
});
