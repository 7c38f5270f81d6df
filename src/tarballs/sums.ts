// Intel's tarballs carry SUMS: a line per file, as BSD's sum prints it: checksum, 1 KiB blocks, name.
export interface BsdSum {
  checksum: number;
  blocks: number;
}

export interface SumsCheck {
  /** Files whose checksum and size are as SUMS says. */
  verified: number;
  /** Lines of SUMS. */
  listed: number;
  /** Paths that differ or are missing. */
  failed: string[];
}

/** BSD's 16-bit rotating checksum (sum -r) and the number of 1 KiB blocks. */
export function bsdSum(content: Uint8Array): BsdSum {
  let checksum = 0;
  for (const byte of content) checksum = ((checksum >> 1) + ((checksum & 1) << 15) + byte) & 0xffff;
  return { checksum, blocks: Math.ceil(content.length / 1024) };
}

/** Holds the files against SUMS; names in it carry the archive's top folder or not. */
export function checkSums(text: string, sums: ReadonlyMap<string, BsdSum>): SumsCheck {
  const lines = text.split("\n").flatMap((line) => {
    const match = /^(\d+)\s+(\d+)\s+(\S.*?)\s*$/.exec(line);
    return match ? [{ checksum: Number(match[1]), blocks: Number(match[2]), name: match[3]! }] : [];
  });
  const failed = lines.flatMap(({ checksum, blocks, name }) => {
    const found = sums.get(name) ?? sums.get(name.replace(/^(\.\/)?[^/]+\//, ""));
    return found?.checksum === checksum && found.blocks === blocks ? [] : [name];
  });
  return { listed: lines.length, verified: lines.length - failed.length, failed };
}
