/** What an archive may grow to before it is taken for a bomb. Sizes in bytes. */
export interface ArchiveLimits {
  totalBytes: number;
  fileBytes: number;
  entries: number;
  /** Unpacked size over packed size, looked at once 64 MiB have come out. */
  ratio: number;
  nameBytes: number;
}

export const defaultLimits: ArchiveLimits = {
  totalBytes: 4 * 1024 ** 3,
  fileBytes: 256 * 1024 ** 2,
  entries: 250_000,
  ratio: 250,
  nameBytes: 1024,
};
