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

/**
 * BSD's 16-bit checksum (sum -r: rotate right, add) and the number of 1 KiB blocks. Each step waits for the one before
 * it, so the sum is kept with bits above its 16 and the byte is added to the half that is ready first: a third of the
 * time.
 */
export function bsdSum(content: Uint8Array): BsdSum {
  let sum = 0;
  for (let at = 0; at < content.length; at++)
    sum = (((sum & 0xffff) >>> 1) + (((sum << 15) + content[at]!) | 0)) | 0;
  return { checksum: sum & 0xffff, blocks: Math.ceil(content.length / 1024) };
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
