import { usageFault } from "../fault/fault.js";
import { catalogShape, type CatalogFile } from "./catalog-shape.js";
import { checkYaml, type YamlProblem } from "./check-yaml.js";
import { compareVersions } from "./version.js";

/** A catalog's text as a value; every problem at once, each with its line and column, as one usage fault. */
export function checkCatalog(path: string, text: string): CatalogFile {
  const checked = checkYaml(text, catalogShape, duplicateVersions);
  if (checked.problems.length > 0) throw problemsFault(path, checked.problems);
  return checked.value!;
}

/** Two entries for one version would make the history's order a matter of chance. */
function duplicateVersions({ releases }: CatalogFile): { path: (string | number)[]; message: string }[] {
  return releases.flatMap(({ version }, at) => {
    const first = releases.findIndex((other) => compareVersions(other.version, version) === 0);
    return first === at
      ? []
      : [{ path: ["releases", at, "version"], message: `version ${version} stands here twice` }];
  });
}

function problemsFault(path: string, problems: readonly YamlProblem[]): Error {
  const lines = problems.map(({ line, column, message }) => `\n  ${path}:${line}:${column}: ${message}`);
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return usageFault(`the catalog ${path} has ${count}:${lines.join("")}`);
}
