// The same crash in every carrier that prints, ships or quotes kernel messages.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readKernelLog } from "../../src/evidence/kernel-log.js";
import { packageRoot } from "../../src/host/package-root.js";

const messages = readFileSync(join(packageRoot, "test/fixtures/logs/x86-gpf-6.12.log"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.replace(/^\[ *[\d.]+\] /, ""));
const uptime = (i: number): string => `[ 4711.${String(100000 + i)}]`;
const json = (fields: object): string => JSON.stringify(fields);

const carriers: Record<string, (message: string, i: number) => string> = {
  "dmesg -t": (m) => m,
  dmesg: (m, i) => `${uptime(i)} ${m}`,
  "dmesg -r": (m, i) => `<4>${uptime(i)} ${m}`,
  "dmesg -d": (m, i) => `[ 4711.${100000 + i} <    0.000001>] ${m}`,
  "dmesg -e, first of a minute": (m) => `[Nov25 12:52] ${m}`,
  "dmesg -e": (m) => `[  +0.000012] ${m}`,
  "dmesg -T": (m) => `[Wed Nov 25 12:52:10 2026] ${m}`,
  "dmesg -T, Italian": (m) => `[mer nov 25 12:52:10 2026] ${m}`,
  "dmesg -T, Chinese": (m) => `[三 11月 25 12:52:10 2026] ${m}`,
  "dmesg -T -x": (m) => `kern  :warn  : [Wed Nov 25 12:52:10 2026] ${m}`,
  "dmesg --time-format iso": (m) => `2026-11-25T12:52:10,123456+01:00 ${m}`,
  "dmesg -x": (m, i) => `kern  :warn  : ${uptime(i)} ${m}`,
  "dmesg with colours": (m, i) => `\u001b[32m${uptime(i)} \u001b[0m${m}`,
  "printk caller": (m, i) => `${uptime(i)}[   T41] ${m}`,
  "printk caller and CPU of a phone": (m, i) => `${uptime(i)} [3:    ksoftirqd/3:   41] ${m}`,
  "journalctl -o short": (m) => `Nov 25 12:52:10 node7 kernel: ${m}`,
  "journalctl -o short, Polish": (m) => `lis 25 12:52:10 node7 kernel: ${m}`,
  "journalctl -o short, Japanese": (m) => `11月 25 12:52:10 node7 kernel: ${m}`,
  "journalctl -o short-precise": (m) => `Nov 25 12:52:10.123456 node7 kernel: ${m}`,
  "journalctl -o short-iso": (m) => `2026-11-25T12:52:10+0100 node7 kernel: ${m}`,
  "journalctl -o short-iso-precise": (m) => `2026-11-25T12:52:10.123456+01:00 node7 kernel: ${m}`,
  "journalctl -o short-full": (m) => `Wed 2026-11-25 12:52:10 CET node7 kernel: ${m}`,
  "journalctl -o short-monotonic": (m, i) => `${uptime(i)} node7 kernel: ${m}`,
  "journalctl -o short-unix": (m) => `1795611130.123456 node7 kernel: ${m}`,
  "journalctl -o json": (m) => json({ MESSAGE: m, _TRANSPORT: "kernel", PRIORITY: "4" }),
  "journalctl -o json, bytes": (m) => json({ PRIORITY: "4", MESSAGE: [...Buffer.from(m)] }),
  "journalctl -o json-sse": (m) => `data: ${json({ MESSAGE: m, _TRANSPORT: "kernel" })}`,
  "journalctl -o json-seq": (m) => `\u001e${json({ MESSAGE: m, _TRANSPORT: "kernel" })}`,
  "journalctl -o json-pretty": (m) => `\t"MESSAGE" : ${JSON.stringify(m)},`,
  "journalctl -o export": (m) => `MESSAGE=${m}`,
  "journalctl -o verbose": (m) => `    MESSAGE=${m}`,
  "syslog file": (m, i) => `Nov 25 12:52:10 node7 kernel: ${uptime(i)} ${m}`,
  "syslog file, one-digit day": (m, i) => `Nov  5 12:52:10 node7 kernel: ${uptime(i)} ${m}`,
  "syslog file, tabs escaped": (m) => `Nov 25 12:52:10 node7 kernel: ${m.replace(/^ {2}/, "#011")}`,
  "syslog without a host": (m) => `Nov 25 12:52:10 kernel: ${m}`,
  "syslog without anything": (m) => `Nov 25 12:52:10: ${m}`,
  "rsyslog's own format": (m, i) => `2026-11-25T12:52:10.123456+01:00 node7 kernel: ${uptime(i)} ${m}`,
  "RFC 3164 on the wire": (m, i) => `<4>Nov 25 12:52:10 node7 kernel: ${uptime(i)} ${m}`,
  "RFC 5424 on the wire": (m) => `<4>1 2026-11-25T12:52:10.123Z node7 kernel - - - ${m}`,
  "OpenWrt's logread": (m, i) => `Wed Nov 25 12:52:10 2026 kern.warn kernel: ${uptime(i)} ${m}`,
  svlogd: (m, i) => `2026-11-25T12:52:10.12345 kern.warn: ${uptime(i)} ${m}`,
  "a broadcast by syslogd": (m, i) => ` kernel:${uptime(i)} ${m}`,
  "the host cut off": (m) => `kernel: ${m}`,
  netconsole: (m, i) => `${uptime(i)} ${m}`,
  "netconsole, extended": (m, i) => `4,${1200 + i},4711${100000 + i},-;${m}`,
  "netconsole, extended with release and caller": (m, i) =>
    `6.12.9-amd64,4,${1200 + i},4711${100000 + i},-,caller=T41;${m}`,
  "/dev/kmsg": (m, i) => `12,${1200 + i},4711${100000 + i},-,caller=C3;${m}`,
  "serial console with CR": (m, i) => `${uptime(i)} ${m}\r`,
  "serial console through ts": (m, i) => `12:52:10.123 ${uptime(i)} ${m}`,
  "serial console of a test lab": (m, i) => `2026-11-25T12:52:10 ${uptime(i)} ${m}`,
  "pstore, with its zeros": (m, i) => `<4>${uptime(i)} ${m}\0\0`,
  "Android's logcat": (m) => `11-25 12:52:10.123     0     0 W KERNEL  : ${m}`,
  "quoted in a mail": (m, i) => `> > ${uptime(i)} ${m}`,
  "indented as code": (m, i) => `    ${uptime(i)} ${m}`,
  "indented as code, no clock": (m) => `    ${m}`,
  "indented by a tab, no clock": (m) => `\t${m}`,
  "dmesg -e, indented": (m) => `  [  +0.000012] ${m}`,
  "dmesg -r, a blank behind the level": (m, i) => `<4> ${uptime(i)} ${m}`,
  "the host without a clock": (m) => `node7 kernel: ${m}`,
  "a clock with a blank behind it": (m, i) => `[ 4711.${100000 + i} ] ${m}`,
  "a clock behind the CPU": (m, i) => `[3-4711.${1000 + i}] ${m}`,
  "serial console with the logger's seconds": (m, i) => `181.${6000 + i}  ${uptime(i)} ${m}`,
};

describe("a crash reads the same through", () => {
  const expected = readKernelLog(messages.join("\n"))[0]!;

  test("no carrier at all", () => {
    expect(expected).toMatchObject({
      title: "general protection fault in demo_clean_rx_irq",
      class: "dos",
      cpu: 3,
      pid: 41,
      process: "ksoftirqd/3",
      taint: "POE",
      kernel: "6.12.9-amd64",
      panicked: true,
      ip: { function: "demo_clean_rx_irq", offset: 0x1f2, size: 0x6c0, module: "demo_nic" },
      modulesInStack: ["demo_nic"],
      signature:
        "general-protection-fault | demo_clean_rx_irq | demo_nic:demo_clean_rx_irq | demo_nic:demo_napi_poll",
    });
    expect(expected.modules).toHaveLength(15);
    expect(expected.modules.slice(0, 1)).toEqual([{ name: "demo_nic", flags: "POE" }]);
  });

  test.each(Object.entries(carriers))("%s", (_name, carry) => {
    const [event, ...others] = readKernelLog(messages.map(carry).join("\n"));
    expect(others).toEqual([]);
    const clocks = { uptimeSeconds: undefined, stamp: undefined, headline: undefined };
    expect({ ...event, ...clocks }).toEqual({ ...expected, ...clocks });
  });
});

test("what other programs write between the kernel's lines is not part of a crash", () => {
  const log = messages.flatMap((m, i) => [
    `Nov 25 12:52:10 node7 kernel: ${m}`,
    `Nov 25 12:52:10 node7 demo-agent[${i + 100}]: BUG: kernel NULL pointer dereference seen by demo_agent+0x1/0x2`,
  ]);
  const [event, ...others] = readKernelLog(log.join("\n"));
  expect(others).toEqual([]);
  expect(event?.frames.map((f) => f.function)).not.toContain("demo_agent");
  expect(event?.modules).toHaveLength(15);
});

test("each carrier's clock is kept", () => {
  const read = (line: string): unknown => {
    const [event] = readKernelLog(line);
    return [event?.uptimeSeconds, event?.stamp];
  };
  expect(read("[   81.250000] kernel BUG at drivers/demo.c:1!")).toEqual([81.25, undefined]);
  expect(read("4,7,81250000,-;kernel BUG at drivers/demo.c:1!")).toEqual([81.25, undefined]);
  expect(read("Nov 25 12:52:10 node7 kernel: [   81.250000] kernel BUG at drivers/demo.c:1!")).toEqual([
    81.25,
    "Nov 25 12:52:10",
  ]);
  expect(
    read(
      json({
        MESSAGE: "kernel BUG at drivers/demo.c:1!",
        _SOURCE_MONOTONIC_TIMESTAMP: "81250000",
        __REALTIME_TIMESTAMP: "1795611130000000",
      }),
    ),
  ).toEqual([81.25, "2026-11-25T12:52:10.000Z"]);
});

test("two CPUs on one serial line: the second message begins in the middle", () => {
  const [event] = readKernelLog(
    "[    1.000001] kernel BUG at drivers/demo.c:1!\n[    1.000002] Call Trace:[    1.000003]  demo_a+0x1/0x20 [demo_nic]\n",
  );
  expect(event?.frames.map((f) => f.function)).toEqual(["demo_a"]);
});
