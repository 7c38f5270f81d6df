import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { holdingLock } from "../../src/host/process-lock.js";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lock-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const busy = (pid: string): Error => new Error(`process ${pid} is at work`);

describe("holdingLock", () => {
  it("lets one of many in, and leaves nothing behind", async () => {
    const path = join(folder, "lock");
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside--;
    };
    writeFileSync(path, "999999999 1"); // of a process that is gone
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => holdingLock(path, busy, work)));
    const refused = ends.flatMap((end) => (end.status === "rejected" ? [String(end.reason)] : []));
    expect(most).toBe(1);
    expect(new Set(refused)).toEqual(new Set([`Error: process ${process.pid} is at work`]));
    expect(readdirSync(folder)).toEqual([]);
  });

  it("takes an empty file, as a power loss may leave it, for no lock", async () => {
    const path = join(folder, "lock");
    writeFileSync(path, "");
    await expect(holdingLock(path, busy, () => Promise.resolve(7))).resolves.toBe(7);
  });

  it("is free again when the work throws", async () => {
    const path = join(folder, "lock");
    await expect(holdingLock(path, busy, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(holdingLock(path, busy, () => Promise.resolve(7))).resolves.toBe(7);
  });
});
