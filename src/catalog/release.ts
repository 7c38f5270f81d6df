/** One version that the vendor published, and where its archive is. */
export interface Release {
  driver: string;
  version: string;
  /** The day it came out, YYYY-MM-DD; absent when no source states it. */
  date?: string;
  /** Where the archive is, tried in this order: http(s), or file: for what lies beside the catalog. */
  urls: readonly string[];
  /** Of the archive, hex, when a public source states it. */
  sha256?: string;
  sizeBytes?: number;
  /** The vendor took it down. */
  withdrawn: boolean;
  notes?: string;
}
