import { harnessFault } from "../fault/fault.js";
import type { Pin } from "./lock-shape.js";
import type { Release } from "./release.js";

/** How an archive differs from what the catalog states or what was pinned, with both values. */
export function differenceOf(
  release: Release,
  pin: Pin | undefined,
  found: { sha256: string; sizeBytes: number },
): string | undefined {
  if (release.sizeBytes !== undefined && release.sizeBytes !== found.sizeBytes)
    return `it is ${found.sizeBytes} bytes long, the catalog says ${release.sizeBytes}`;
  if (release.sha256 !== undefined && release.sha256 !== found.sha256)
    return `its sha256 is ${found.sha256}, the catalog says ${release.sha256}`;
  if (release.sha256 === undefined && pin !== undefined && pin.sha256 !== found.sha256)
    return `its sha256 is ${found.sha256}, tarbisect.lock says ${pin.sha256}`;
  return undefined;
}

/** The fault for an archive on this machine that differs. */
export function differs(release: Release, path: string, difference: string): Error {
  return harnessFault(`${nameOf(release)} is not what it was: ${path}: ${difference}`);
}

/** How messages call a release: "i40e 2.13.10". */
export function nameOf({ driver, version }: Release): string {
  return `${driver} ${version}`;
}
