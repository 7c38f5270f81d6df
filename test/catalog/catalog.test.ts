import { Ajv } from "ajv";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadCatalog, shippedDrivers } from "../../src/catalog/catalog.js";
import { checkCatalog } from "../../src/catalog/check-catalog.js";
import { tryCheckedBefore } from "../../src/catalog/checked-catalogs.js";
import { catalogJsonSchema } from "../../src/catalog/json-schema.js";
import { messageOf } from "../../src/fault/fault.js";
import { packageRoot } from "../../src/host/package-root.js";

const schemaPath = join(packageRoot, "releases/schema.json");

describe("the shipped catalogs", () => {
  const drivers = shippedDrivers();

  it.each(drivers)("%s is right, in version order, and keeps to the published schema", async (driver) => {
    const { releases, path } = await loadCatalog(driver);
    const text = parse(await readFile(path, "utf8")) as { releases: { version: string }[] };
    expect(text.releases.map(({ version }) => version)).toEqual(releases.map(({ version }) => version));
    const ajv = new Ajv({ validateFormats: false, allErrors: true });
    ajv.validate(JSON.parse(await readFile(schemaPath, "utf8")) as object, text);
    expect(ajv.errors).toBeNull();
  });

  it.each(drivers)(
    "%s is kept by the build as it was checked, and checked anew when edited",
    async (driver) => {
      const path = join(packageRoot, "releases", `${driver}.yaml`);
      const text = await readFile(path, "utf8");
      expect(tryCheckedBefore(path, text)).toEqual(checkCatalog(path, text));
      expect(tryCheckedBefore(path, `${text}\n`)).toBeUndefined();
    },
  );

  it("know i40e from 1.0.15 on, and that the vendor withdrew 2.13.10", async () => {
    const { releases } = await loadCatalog("i40e");
    expect(releases[0]?.version).toBe("1.0.15");
    expect(releases.filter(({ withdrawn }) => withdrawn).map(({ version }) => version)).toEqual(["2.13.10"]);
    const versions = releases.map(({ version }) => version);
    expect(versions.indexOf("2.4.10")).toBe(versions.indexOf("2.4.6") + 1);
  });
});

it("releases/schema.json is what the shape says (npm run schemas writes it)", async () => {
  expect(JSON.parse(await readFile(schemaPath, "utf8"))).toEqual(catalogJsonSchema());
});

describe("a catalog of one's own", () => {
  let folder = "";
  const write = async (text: string): Promise<string> => {
    await writeFile(join(folder, "own.yaml"), text);
    return join(folder, "own.yaml");
  };
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "tarbisect-catalog-"))));
  afterAll(() => rm(folder, { recursive: true }));

  const head = "driver: own\nmodule: own\nsourceFolder: src\nrecipe: { kind: kbuild }\n";

  it("may name archives beside it", async () => {
    const path = await write(`${head}releases: [{ version: "1.0", urls: [own-1.0.tar.gz] }]\n`);
    const { releases } = await loadCatalog(path);
    expect(releases[0]?.urls).toEqual([`file://${folder}/own-1.0.tar.gz`]);
  });

  it("hears of every problem at once, with line and column", async () => {
    const path = await write(
      [
        'driver: "a b"',
        "module: x",
        "sourceFolder: ../up",
        "recipe: { kind: meson }",
        "bogus: 1",
        "fixups: [{ kind: sed, releases: '>1 and', kernels: '*', reason: r, files: [a], expression: s }]",
        "releases:",
        '  - version: "v1"',
        "    urls: [ftp://x, 'https://u:p@x/y']",
        "    date: 2020-13-01",
        '  - versio: "1"',
      ].join("\n"),
    );
    const problems = await loadCatalog(path).then(() => "", messageOf);
    expect(problems.replaceAll(path, "own.yaml").split("\n")).toEqual([
      "the catalog own.yaml has 12 problems:",
      "  own.yaml:1:9: driver: must be letters, digits, _ and -",
      "  own.yaml:3:15: sourceFolder: must be a path inside the release",
      '  own.yaml:4:17: recipe.kind: Invalid option: expected one of "vendor-make"|"kbuild"',
      "  own.yaml:5:8: bogus: is no key known here",
      '  own.yaml:6:33: fixups[0].releases: is no range of versions (like ">=2.12.6 <2.14", "2.13.10" or "*")',
      "  own.yaml:8:14: releases[0].version: must start with a digit and hold only letters, digits and . + _ ~ -",
      "  own.yaml:9:12: releases[0].urls[0]: must be an http(s) URL without a password, or a path relative to this file",
      "  own.yaml:9:21: releases[0].urls[1]: must be an http(s) URL without a password, or a path relative to this file",
      "  own.yaml:10:11: releases[0].date: Invalid ISO date",
      "  own.yaml:11:5: releases[1].version: is missing",
      "  own.yaml:11:5: releases[1].urls: is missing",
      "  own.yaml:11:13: releases[1].versio: is no key known here (did you mean version?)",
    ]);
  });

  it("is refused with a version that stands twice, with YAML that is none, and when it is not there", async () => {
    const twice = `${head}releases:\n  - { version: "1.2", urls: [a] }\n  - { version: "1.02", urls: [b] }\n`;
    await expect(loadCatalog(await write(twice))).rejects.toThrow(
      "own.yaml:7:16: releases[1].version: version 1.02 stands here twice",
    );
    await expect(loadCatalog(await write("driver: [\n"))).rejects.toThrow(/own\.yaml:\d+:\d+: /);
    await expect(loadCatalog(join(folder, "none.yaml"))).rejects.toThrow("cannot read the catalog");
    await expect(loadCatalog("nonesuch")).rejects.toMatchObject({
      message: 'there is no catalog for driver "nonesuch"',
      blame: "usage",
    });
  });
});
