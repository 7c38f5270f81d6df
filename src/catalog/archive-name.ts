import { isVersion } from "./version.js";

const ENDINGS = /\.(tar(\.(gz|bz2|xz|zst))?|tgz|tbz2?|txz|zip)$/i;

/** The version in an archive's file name: "i40e-2.12.6.tar.gz" of driver i40e is 2.12.6; undefined for other files. */
export function versionOfArchive(driver: string, fileName: string): string | undefined {
  if (!ENDINGS.test(fileName)) return undefined;
  return versionOfName(driver, fileName.replace(ENDINGS, ""));
}

/** The version in a tag or in the last word of a subject: "v2.12.6", "i40e-2.12.6", a whole path of an archive. */
export function versionOfName(driver: string, name: string): string | undefined {
  const last = name.split("/").at(-1)!.replace(ENDINGS, "");
  const rest = last.startsWith(`${driver}-`) ? last.slice(driver.length + 1) : last;
  const version = rest.replace(/^v(?=\d)/, "");
  return isVersion(version) && version.includes(".") ? version : undefined;
}
