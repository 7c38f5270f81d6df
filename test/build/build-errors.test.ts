import { describe, expect, it } from "vitest";
import { machineFailure, parseBuildErrors } from "../../src/build/build-errors.js";

describe("a build's output", () => {
  it("that complains of the flags tells it before make's own last words", () => {
    const output = `cc1: error: code model kernel does not support PIC mode
Makefile:211: *** *** Aborting the build. *** This driver '' is not supported on kernel versions older than 2.4.21.  Stop.
`;
    expect(parseBuildErrors(output, "/x")[0]).toEqual({
      file: undefined,
      line: undefined,
      message: "code model kernel does not support PIC mode",
    });
  });

  it("blames this machine for a program that make's rule does not find, and not for a probe of the vendor's", () => {
    const missing = `  BTF [M] /x/src/igb.ko
/bin/sh: 1: pahole: not found
make[3]: *** [scripts/Makefile.modfinal:64: /x/src/igb.ko] Error 127
`;
    expect(machineFailure(missing)).toBe("/bin/sh: 1: pahole: not found");
    const probe = `/bin/sh: 1: rpm: not found
igb_main.c:12:3: error: 'x' undeclared
make[2]: *** [scripts/Makefile.build:249: igb_main.o] Error 1
`;
    expect(machineFailure(probe)).toBeUndefined();
  });
});
