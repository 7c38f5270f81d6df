import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inRange, parseRange } from "../../src/catalog/range.js";
import { compareVersions, isVersion } from "../../src/catalog/version.js";

const versions = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 99 }).map(String), fc.constantFrom("22s", "7rc1", "007")), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join("."));

describe("versions", () => {
  it("come in the order of their numbers", () => {
    const ordered = [
      "1.2.48.2",
      "1.3.38",
      "1.3.39.1",
      "2.0-rc1",
      "2.0",
      "2.4.6",
      "2.4.10",
      "2.10.19.82",
      "2.11",
    ];
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
    expect(["5.3.5.36", "5.3.5.22s", "5.3.5.22", "5.3.5.3"].sort(compareVersions)).toEqual([
      "5.3.5.3",
      "5.3.5.22",
      "5.3.5.22s",
      "5.3.5.36",
    ]);
  });

  it("have one total order", () => {
    fc.assert(
      fc.property(versions, versions, versions, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) || 0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it("never hold what a path or a shell would read", () => {
    for (const bad of ["", "v1", "../1", "1/2", "1..2", "1;rm", "1 2", "-1", "1\n", "1".repeat(65)])
      expect(isVersion(bad), bad).toBe(false);
    for (const good of ["5.3.5.22s", "2.10.19.82", "9.2.0-rc.1"]) expect(isVersion(good), good).toBe(true);
  });
});

describe("ranges", () => {
  it.each([
    [">=2.12.6 <2.14", "2.13.10", true],
    [">=2.12.6 <2.14", "2.14.13", false],
    [">= 2.12.6 < 2.14", "2.12.6", true],
    ["2.13.10", "2.13.10", true],
    ["2.13.10", "2.13.1", false],
    ["<1.5 || >=2", "1.6", false],
    ["<1.5 || >=2", "2.0", true],
    [">=5.10 <5.11", "5.10.0-32-amd64", true],
    ["*", "0", true],
  ])("%s and %s: %s", (range, version, inside) => {
    expect(inRange(version, range)).toBe(inside);
  });

  it("refuses what is none, with the text", () => {
    for (const text of ["", ">=", "~1.2", "a", "1 ||"]) expect(() => parseRange(text)).toThrow(`"${text}"`);
  });
});
