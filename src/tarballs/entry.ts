/** One entry as the archive states it, before anything is believed. */
export interface RawEntry {
  /** With the archive's own top folder still on it. */
  name: string;
  kind: "file" | "symlink" | "hardlink" | "folder";
  /** Unix permission bits. */
  permissions: number;
  /** Of a link. */
  target: string;
  /** Of a file; empty otherwise. */
  content: Buffer;
  /** Seconds since 1970; 0 when the archive does not say. */
  modifiedAt: number;
}
