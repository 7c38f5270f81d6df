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

  it("says what a kernel's Makefile said before it stopped without a word", () => {
    const output = `make[1]: Entering directory '/usr/src/linux-headers-6.1.0-56-common'
Makefile:149: ================= ERROR ================
Makefile:150: 'SUBDIRS' was removed in Linux 5.3
Makefile:151: Use 'M=' or 'KBUILD_EXTMOD=' instead
Makefile:152: ====================================
Makefile:153: *** ..  Stop.
make: *** [Makefile:285: default] Error 2
`;
    expect(parseBuildErrors(output, "/x")[0]?.message).toBe(
      "'SUBDIRS' was removed in Linux 5.3; Use 'M=' or 'KBUILD_EXTMOD=' instead",
    );
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
