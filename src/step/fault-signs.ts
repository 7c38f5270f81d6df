// Lines that say: the machine is at fault, not the release. Each is what the named program prints (C locale).

interface Sign {
  stages: readonly string[];
  line: RegExp;
  hint: string;
}

const all = ["build", "load", "stress"];

const signs: readonly Sign[] = [
  { stages: all, line: /No space left on device|Disk quota exceeded|Read-only file system/, hint: "df -h" },
  {
    stages: all,
    line: /Cannot allocate memory|virtual memory exhausted|Killed signal terminated program|Too many open files/,
    hint: "give it more memory, or fewer jobs (make -j)",
  },
  // sh, dash and bash for a program that is not there, inside a script or a recipe
  {
    stages: ["build", "load"],
    line: /(^|: )(make|gcc|cc|ld|insmod|modprobe|rmmod|bc|perl|flex|bison): (command )?not found/,
    hint: "tarbisect doctor",
  },
  {
    stages: ["build"],
    line: /make(\[\d+\])?: (gcc|cc|ld|\S*-gcc|\S*-gcc-\d+): No such file or directory/,
    hint: "tarbisect doctor",
  },
  {
    stages: ["build"],
    line: /\/lib\/modules\/[^ ]*: No such file or directory|Kernel header files not in any of the expected locations/,
    hint: "install the kernel's headers (Debian: linux-headers-$(uname -r)), or set kernel in tarbisect.yaml",
  },
  // kmod's insmod, which gives the kernel's errno
  {
    stages: ["load"],
    line: /(insmod|modprobe|rmmod): ERROR: .*(File exists|Operation not permitted|Invalid module format|is in use|Key was rejected|Required key not available|No such file or directory|not found)/,
    hint: "unload the old module first; build for the kernel that runs; secure boot refuses unsigned modules",
  },
];

/** The first line of a failed stage's log that blames the machine. */
export function faultSign(stage: string, log: string): { line: string; hint: string } | undefined {
  const fitting = signs.filter((sign) => sign.stages.includes(stage));
  for (const line of log.split("\n")) {
    const sign = fitting.find((candidate) => candidate.line.test(line));
    if (sign) return { line: line.trim().slice(0, 300), hint: sign.hint };
  }
  return undefined;
}
