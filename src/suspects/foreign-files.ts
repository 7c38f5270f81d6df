// Drivers for several systems keep each one's code in a folder of its own; a trace was printed by one of them.
import type { Trace } from "./sights.js";

const otherKernel =
  /(?:^|\/)(?:(?:free|net|open|dragonfly)?bsd|[fno]bsd|darwin|macos|osx|win(?:nt|32|dows)?|solaris|sunos|illumos|aix|hpux|irix)(?:\/|$)/i;
/** Only Linux tells a function's size: `f+0x12/0x340`. */
const linuxFrame = /\w\+0x[0-9a-f]+\/0x[0-9a-f]+/;

/** Tells the files of other kernels, once a trace is known to be Linux's; without such a trace none is foreign. */
export function foreignTo(traces: readonly Pick<Trace, "text">[]): (file: string) => boolean {
  const isLinux = traces.some(({ text }) => linuxFrame.test(text));
  return (file) => isLinux && otherKernel.test(file.slice(0, file.lastIndexOf("/") + 1));
}
