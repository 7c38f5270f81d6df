// A driver as a kernel holds it: one folder of a kernel's source, under the kernel's version.
import { createHash } from "node:crypto";
import { lstat, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { isVersion } from "../catalog/version.js";
import { usageFault } from "../fault/fault.js";
import type { ArchiveLimits } from "../tarballs/limits.js";
import { readArchive, type ArchiveFile } from "../tarballs/read-archive.js";
import type { BlobSpool, SpooledBlob } from "./blob-spool.js";
import { openFolder } from "./folder-tree.js";

export interface InTreeSource {
  /** A kernel's source: a folder or an archive. */
  place: string;
  /** The driver's folder in it, such as drivers/net/ethernet/intel/i40e. */
  path: string;
  /** What an archive may grow to; by default the usual. */
  limits?: ArchiveLimits;
}

export interface InTreeDriver {
  /** The kernel's: "6.1", "6.1.119", "6.2-rc1". */
  version: string;
  /** Below `path`, with their whole path in the kernel. */
  files: ArchiveFile<SpooledBlob>[];
  /** Over modes, blob ids and paths, hex: the same for an archive and the folder that it unpacks to. */
  sha256: string;
  /** Of the newest file, in seconds since 1970. */
  newest: number;
}

/** Reads the driver into the spool. Usage faults: no such folder in the kernel, or no version to be told. */
export async function readInTree(source: InTreeSource, spool: BlobSpool): Promise<InTreeDriver> {
  const found = await stat(source.place).catch(() => undefined);
  if (found === undefined)
    throw usageFault(`there is no kernel source at ${source.place}`, "give its folder or its tarball");
  const { files, makefile } = found.isDirectory()
    ? await fromFolder(source, spool)
    : await fromArchive(source, spool);
  if (files.length === 0)
    throw usageFault(
      `there is no file below ${source.path} in ${source.place}`,
      "--path names the driver's folder in the kernel, such as drivers/net/ethernet/intel/i40e",
    );
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const version = kernelVersion(makefile) ?? versionOfPlace(source.place);
  const newest = files.reduce((latest, { modifiedAt }) => Math.max(latest, modifiedAt), 0);
  return { version, files, newest, sha256: listingSum(files) };
}

interface Read {
  files: ArchiveFile<SpooledBlob>[];
  /** The kernel's top Makefile. */
  makefile: string | undefined;
}

async function fromArchive({ place, path, limits }: InTreeSource, spool: BlobSpool): Promise<Read> {
  const isWanted = (name: string): boolean => below(name, path) !== undefined || isMakefile(name);
  const listing = await readArchive(place, {
    ...(limits && { limits }),
    keep: (content) => spool.add(content),
    wants: isWanted,
  });
  const whole = listing.files.map((file) => ({
    ...file,
    name: listing.topFolder === "" ? file.path : `${listing.topFolder}/${file.path}`,
  }));
  const makefile = whole.find(({ name }) => isMakefile(name));
  return {
    files: whole.flatMap(({ name, ...file }) => {
      const inside = below(name, path);
      return inside === undefined ? [] : [{ ...file, path: `${path}/${inside}` }];
    }),
    makefile: makefile && spool.read(makefile.kept).toString(),
  };
}

async function fromFolder({ place, path }: InTreeSource, spool: BlobSpool): Promise<Read> {
  const driver = await openFolder(path, join(place, path)).catch(() => undefined);
  const names = [...(driver?.files.keys() ?? [])];
  const contents = await driver?.read(names);
  const files = await Promise.all(
    names.map(async (name) => ({
      path: `${path}/${name}`,
      mode: driver!.files.get(name)!.mode,
      kept: spool.add(contents!.get(name)!),
      modifiedAt: Math.floor((await lstat(join(place, path, name))).mtimeMs / 1000),
    })),
  );
  return { files, makefile: await readFile(join(place, "Makefile"), "utf8").catch(() => undefined) };
}

/** The rest of a name below the driver's folder, with or without the archive's top folder before it. */
function below(name: string, path: string): string | undefined {
  if (name.startsWith(`${path}/`)) return name.slice(path.length + 1);
  const rest = name.slice(name.indexOf("/") + 1);
  return rest.startsWith(`${path}/`) ? rest.slice(path.length + 1) : undefined;
}

function isMakefile(name: string): boolean {
  return /^([^/]+\/)?Makefile$/.test(name);
}

/** "6.1" of the top Makefile's VERSION, PATCHLEVEL, SUBLEVEL (left out when 0) and EXTRAVERSION (-rc1). */
export function kernelVersion(makefile: string | undefined): string | undefined {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}[ \\t]*=[ \\t]*(\\S*)`, "m").exec(makefile ?? "")?.[1];
  const [major, minor, patch] = [field("VERSION"), field("PATCHLEVEL"), field("SUBLEVEL")];
  if (!/^\d+$/.test(major ?? "") || !/^\d+$/.test(minor ?? "")) return undefined;
  const version = `${major}.${minor}${patch && patch !== "0" ? `.${patch}` : ""}${field("EXTRAVERSION") ?? ""}`;
  return isVersion(version) ? version : undefined;
}

/** linux-6.1.tar.xz, linux-source-6.1, v6.2-rc1.tar.gz. */
function versionOfPlace(place: string): string {
  const version = /(?:^|[-_v])(\d+\.\d+(?:\.\d+)*(?:-rc\d+)?)(?=$|[._-]?[a-z])/i.exec(basename(place))?.[1];
  if (version === undefined)
    throw usageFault(
      `neither a top Makefile nor the name of ${place} tells the kernel's version`,
      "rename it to linux-VERSION, such as linux-6.1.tar.xz",
    );
  return version;
}

function listingSum(files: readonly ArchiveFile<SpooledBlob>[]): string {
  const hash = createHash("sha256");
  for (const { mode, kept, path } of files) hash.update(`${mode} ${kept.id} ${path}\0`);
  return hash.digest("hex");
}
