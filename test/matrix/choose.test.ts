import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVersions } from "../../src/catalog/version.js";
import { chooseReleases } from "../../src/matrix/choose-releases.js";
import { settingsChoices, withChoice } from "../../src/matrix/settings-choices.js";
import { configureShape } from "../../src/step/configure-settings.js";

const known = ["2.4.10", "2.4.6", "2.12.6", "2.13.10", "2.14.13"];

describe("the releases of a table", () => {
  it.each([
    [undefined, ["2.4.6", "2.4.10", "2.12.6", "2.13.10", "2.14.13"]],
    ["2.12.6", ["2.12.6"]],
    ["2.4.10..2.13.10", ["2.4.10", "2.12.6", "2.13.10"]],
    ["v2.14.13, 2.4.6..2.4.10,2.4.6", ["2.4.6", "2.4.10", "2.14.13"]],
    ["in-tree", []],
  ])("%s are %j", (text, releases) => {
    expect(chooseReleases(text, known)).toEqual({ releases, inTree: text === "in-tree" });
  });

  it.each([
    ["2.99", 'there is no release "2.99" in this history'],
    ["2.4.6..2.99", 'there is no release "2.99" in this history'],
    ["2.13.10..2.12.6", "the range 2.13.10..2.12.6 is empty: 2.12.6 is older than 2.13.10"],
    ["2.4.6..2.12.6..2.14.13", '"2.4.6..2.12.6..2.14.13" is no range of releases'],
    ["", 'there is no release "" in this history'],
  ])("%s is refused in one sentence", (text, message) => {
    expect(() => chooseReleases(text, known)).toThrow(message);
  });

  it("are the same whatever the order of the words, each once and in version order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(known, { minLength: 1 }), (words) => {
        const { releases } = chooseReleases(words.join(","), known);
        expect(releases).toEqual([...words].sort(compareVersions));
      }),
    );
  });
});

describe("the settings of a table", () => {
  const settings = {
    configure: configureShape.parse([
      { address: "10.0.0.1/24", features: { gro: true } },
      { host: "peer", address: "10.0.0.2/24" },
    ]),
    amplify: false,
  };

  it("multiply, and are made on the target's interfaces only", () => {
    const choices = settingsChoices(["ntuple=on,off", "ring.rx=64"]);
    expect(choices.map(({ label }) => label)).toEqual(["ntuple=on ring.rx=64", "ntuple=off ring.rx=64"]);
    expect(withChoice(settings, choices[1]!, "server").configure).toEqual([
      {
        interface: 0,
        address: "10.0.0.1/24",
        features: { gro: true, ntuple: false },
        ring: { rx: 64 },
      },
      settings.configure[1],
    ]);
    expect(withChoice(settings, settingsChoices(["amplify=on"])[0]!, "server").amplify).toBe(true);
  });

  it("are those of the file when none is compared, and an interface is added where none is configured", () => {
    const [asIs] = settingsChoices([]);
    expect(withChoice(settings, asIs!, "server")).toBe(settings);
    const [mtu] = settingsChoices(["mtu=9000"]);
    expect(withChoice({ configure: [], amplify: true }, mtu!, "server")).toEqual({
      configure: [{ interface: 0, mtu: 9000 }],
      amplify: true,
    });
  });

  it.each(["ntuple", "ntuple=", "ntuple=maybe", "mtu=on", "ring.tx=0", "module.x=on", "=on"])(
    "%s is refused",
    (text) => {
      expect(() => settingsChoices([text])).toThrow(/is no /);
    },
  );
});
