import { expect, it } from "vitest";
import type { Fixup } from "../../src/catalog/catalog-shape.js";
import { widened } from "../../src/matrix/catalog-fixup.js";
import type { Failure } from "../../src/matrix/matrix.js";

const fixup: Fixup = {
  kind: "sed",
  releases: ">=5.11 <5.13.16",
  kernels: ">=5.10 <5.11",
  reason: "late 5.10 kernels have it already",
  files: ["*.c"],
  expression: "s/a/b/",
};

function failsOn(...kernels: string[]): Failure {
  const cells = kernels.map((kernel, index) => ({ release: `2.2${index}.0`, kernel }));
  return { number: 1, error: "redefinition of 'a'", cells, suggestions: [] };
}

it("a catalog's fixup is suggested for other releases, and for no more kernels than fail so", () => {
  expect(widened(fixup, failsOn("5.10.0-46-amd64"))).toEqual({ ...fixup, releases: "2.20.0" });
  expect(widened(fixup, failsOn("5.10.0-46-amd64", "6.1.0-56-amd64"))).toEqual({
    ...fixup,
    releases: ">=2.20.0 <=2.21.0",
    kernels: ">=5.10",
  });
});
