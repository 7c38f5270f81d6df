// Why a kernel refuses a module, by what insmod and the kernel log print. What speaks of the machine (signatures,
// lockdown, another kernel's build) is ours; a module that the kernel can't link or that ends its own start is not.

export type Refusal =
  /** The release's own: the commit can't be tested. */
  | { kind: "release"; detail: string }
  /** The machine's: the bisect stops. */
  | { kind: "machine"; detail: string; hint: string };

interface Sign {
  words: RegExp;
  detail: string;
  hint: string;
}

const machine: readonly Sign[] = [
  {
    words:
      /Key was rejected by service|Required key not available|Loading of (?:unsigned )?module .*is rejected|module signature/i,
    detail: "the kernel loads signed modules only",
    hint: "switch secure boot off there, or sign with a key that it knows (mokutil --import); module.sig_enforce=0",
  },
  {
    words: /Lockdown: .*(?:insmod|module)|kernel_lockdown/i,
    detail: "the kernel is locked down and loads signed modules only",
    hint: "cat /sys/kernel/security/lockdown; secure boot switches it on",
  },
  {
    words: /Operation not permitted|Permission denied/i,
    detail: "loading modules is not permitted",
    hint: "root is needed (sudo: true in hosts), and sysctl kernel.modules_disabled must be 0",
  },
  {
    words: /version magic|disagrees about version of symbol|Invalid module format|Exec format error/i,
    detail: "the module was built for another kernel",
    hint: "kernel in tarbisect.yaml, or the headers, are not those of the kernel that runs there",
  },
  {
    words: /File exists/i,
    detail: "a module of that name is loaded already, or is part of the kernel",
    hint: "lsmod there; a driver that is built in can't be replaced by a module",
  },
  {
    words: /No space left on device|Read-only file system|No such file or directory|not found/i,
    detail: "the target can't load anything",
    hint: "df -h there; tarbisect doctor --target",
  },
];

/** What insmod said of a module, with the kernel's last lines about it. */
export function readRefusal(said: string, kernelLines: string): Refusal {
  const words = said.trim().split("\n").at(-1) ?? "";
  // An unknown symbol comes with a line per symbol in the log, whatever else stands there.
  if (/unknown symbol/i.test(words)) {
    const symbols = [...kernelLines.matchAll(/Unknown symbol (\w+)/g)].map(([, symbol]) => symbol!);
    const named = [...new Set(symbols)].slice(0, 5).join(", ");
    return { kind: "release", detail: `unknown symbol ${named === "" ? `(${words})` : named}` };
  }
  const sign =
    machine.find((each) => isWhole(each, kernelLines)) ?? machine.find((each) => each.words.test(words));
  if (sign !== undefined) return { kind: "machine", detail: `${sign.detail}: ${words}`, hint: sign.hint };
  return { kind: "release", detail: words === "" ? "insmod failed and gave no reason" : words };
}

/** The kernel log holds lines of other programs too: only what can be about nothing else counts. */
function isWhole({ words }: Sign, kernelLines: string): boolean {
  return words.source.startsWith("Lockdown") && words.test(kernelLines);
}
