import { describe, expect, it } from "vitest";
import { estimateBoot, lastWords, readTimeline, renderTimeline } from "../../src/step/crash-timeline.js";

const boot = Date.parse("2026-11-28T12:00:00.000Z");

describe("the last words of a boot", () => {
  const texts = [
    {
      source: "console",
      file: "serial.log",
      text: `2026-11-28T12:01:40.300Z [  100.100000] tbnic: hello
2026-11-28T12:01:41.000Z login:
2026-11-28T12:01:42.200Z [  102.000000] Kernel panic - not syncing: sysrq
2026-11-28T12:01:50.000Z [    0.500000] Linux version 6.1 of the next boot
`,
    },
    { source: "kernel log", file: "dmesg.log", text: "[  100.100000] tbnic: hello\n" },
    {
      source: "pstore",
      file: "last-boot/pstore-0.log",
      text: "Panic#1 Part1\n<6>[  101.500000] before\n<0>[  102.500000] Rebooting in 1 seconds..\n without a time\n",
    },
  ];
  const events = [{ at: new Date(boot + 103_000), source: "BMC", text: "OS Critical Stop" }];

  it("stand on one clock, without the next boot's, and name who had the last", () => {
    const timeline = readTimeline(texts, events, boot);
    expect(renderTimeline(timeline)).toBe(`2026-11-28T12:01:40.100Z console: tbnic: hello
2026-11-28T12:01:40.100Z kernel log: tbnic: hello
2026-11-28T12:01:41.000Z console: login:
2026-11-28T12:01:41.500Z pstore: before
2026-11-28T12:01:42.000Z console: Kernel panic - not syncing: sysrq
2026-11-28T12:01:42.500Z pstore: Rebooting in 1 seconds..
2026-11-28T12:01:42.500Z pstore:  without a time
2026-11-28T12:01:43.000Z BMC: OS Critical Stop
`);
    expect(lastWords(timeline).map(({ source }) => source)).toEqual([
      "BMC",
      "pstore",
      "console",
      "kernel log",
    ]);
  });

  it("find the boot's begin by the console when nobody else told it", () => {
    const timeline = readTimeline(texts.slice(0, 2), [], undefined);
    // The console was 0.2 s late at its best.
    expect(timeline[0]!.at.toISOString()).toBe("2026-11-28T12:01:40.300Z");
  });

  it("take the least late of several readings of two clocks", () => {
    const at = (seconds: number, lateMs: number) => ({
      at: boot + seconds * 1000 + lateMs,
      uptimeSeconds: seconds,
    });
    expect(estimateBoot([at(1, 300), at(2, 20), at(3, 90)])).toBe(boot + 20);
    expect(estimateBoot([])).toBeUndefined();
  });
});
