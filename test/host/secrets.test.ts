import { chmodSync, chownSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSecrets, type Secrets } from "../../src/host/secrets.js";

function fileWith(text: string, mode = 0o600): string {
  const path = join(mkdtempSync(join(tmpdir(), "tarbisect-secrets-")), "secrets.yaml");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function secretsIn(path: string, env: NodeJS.ProcessEnv = {}): Secrets {
  return openSecrets({ TARBISECT_SECRETS: path, ...env });
}

describe("the secrets file", () => {
  it("gives values by name, as they are written; a variable goes before it", async () => {
    const secrets = secretsIn(fileWith(`bmc-1: "cal vin: 1"\n# note\ntoken: 0123\n`));
    expect(await secrets.read("bmc-1")).toBe("cal vin: 1");
    expect(await secrets.read("token")).toBe("0123");
    await expect(secrets.read("pdu")).rejects.toThrow(/^the secret "pdu" is neither in /);
    const both = secretsIn(fileWith("bmc-1: a\n"), { TARBISECT_SECRET_BMC_1: "of the environment" });
    expect(await both.read("bmc-1")).toBe("of the environment");
  });

  it.each([0o640, 0o604, 0o660, 0o601])("is refused with mode %o", async (mode) => {
    await expect(secretsIn(fileWith("bmc: hunter2\n", mode)).read("bmc")).rejects.toThrow(
      /others can read the secrets: .* has mode 06/,
    );
  });

  it("is refused when it is a link, a folder or somebody else's", async () => {
    const link = `${fileWith("bmc: hunter2\n")}.link`;
    symlinkSync(link.replace(/\.link$/, ""), link);
    await expect(secretsIn(link).read("bmc")).rejects.toThrow(/can't be read/);
    const folder = `${link}.d`;
    mkdirSync(folder, { mode: 0o700 });
    await expect(secretsIn(folder).read("bmc")).rejects.toThrow(/is no plain file/);
    const foreign = process.getuid!() === 0 ? fileWith("bmc: hunter2\n") : "/etc/passwd";
    if (process.getuid!() === 0) chownSync(foreign, 12_345, 12_345);
    await expect(secretsIn(foreign).read("bmc")).rejects.toThrow(/belongs to user \d+, not to you/);
  });

  it.each(["bmc: *hunter2\n", "bmc: [hunter2]\n", 'bmc: "hunter2\\nx"\n', "hunter2\n", "a: 1\na: hunter2\n"])(
    "that is wrong is told by line, without a word of it: %j",
    async (text) => {
      const read = secretsIn(fileWith(text)).read("bmc");
      await expect(read).rejects.toThrow(/secrets\.yaml:[12] is no line of the form/);
      await expect(read).rejects.not.toThrow(/hunter2/);
    },
  );

  it("is hidden in texts by its names, the longest first", async () => {
    const secrets = secretsIn(fileWith("a: hunter2\nb: hunter22\nc: abc\n"));
    for (const name of ["a", "b", "c"]) await secrets.read(name);
    expect(secrets.hide("no hunter22, no hunter2, but abc")).toBe("no [secret b], no [secret a], but abc");
  });
});
