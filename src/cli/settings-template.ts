import { join } from "node:path";
import type { Catalog } from "../catalog/catalog.js";
import { packageRoot } from "../host/package-root.js";

/** A commented tarbisect.yaml for a driver; its stress command stops every bisect until a real one is written. */
export function settingsTemplate(driver: string, catalog: Catalog): string {
  return `# yaml-language-server: $schema=${join(packageRoot, "schema/tarbisect.schema.json")}
#
# How tarbisect tests one release of ${catalog.driver}. Every command runs with sh -c in a copy of the release's files and
# finds in its environment:
#   TARBISECT_VERSION  ${catalog.releases.at(-1)?.version ?? "1.2.3"} (for a commit between two releases: the older one's)
#   TARBISECT_COMMIT   the commit's id
#   TARBISECT_SOURCE   the copy's folder, where the command starts
#   TARBISECT_KERNEL   the kernel to build for
#   TARBISECT_CFLAGS   what the compiler must be told for the catalog's fixups, often nothing
# A value is replaced by TARBISECT_DRIVER, _SSH, _KERNEL, _EVIDENCE, _BUILD_TIMEOUT, _LOAD_TIMEOUT, _STRESS_TIMEOUT,
# and that by a flag of tarbisect step.

# The catalog with the fixups that old releases need on newer kernels; a name or the path of a catalog of your own.
driver: ${driver}

# Where the commands run: a host as ssh takes it. Left out: this machine.
# ssh: root@server

# The kernel to build for, as uname -r prints it. Left out: the one that runs there.
# kernel: 6.1.0-13-amd64

# Makes the module. A failure skips the commit (exit code 125).
build:
  run: ${buildCommand(catalog)}
  timeout: 15m

# Loads the module. A failure skips the commit; a module that is in the way stops the bisect.
# load:
#   run: rmmod ${catalog.module} 2>/dev/null; insmod "$(find . -name ${catalog.module}.ko | head -n 1)"
#   timeout: 2m

# The test: 0 is good, 1 to 124 is bad, 125 can't tell. 126 and above, a signal and the time limit stop the bisect.
stress:
  run: echo "stress is not written yet, edit tarbisect.yaml"; exit 200
  timeout: 2h

# The other form, on a target: the module is built by the catalog, loaded with proof, stressed under watch, and the machine
# is brought back. Take build, load and stress above out, and the "# " off all that follows.
${targetForm(catalog.module)}`;
}

/** The settings of a trial on a target, commented out. */
function targetForm(module: string): string {
  const form = `hosts:
  server:
    ssh: root@server                          # or lab: lab/target, a guest of tarbisect lab up
    interfaces: [{ driver: ${module} }]       # under test; by driver, pci ("0000:01:00.0") or mac
    # power: { on: pdu on 3, off: pdu off 3, status: pdu status 3 }
    # console: /var/log/server.tty            # a file here to which the serial console is written
    # boot: ssh root@server boot-kernel "$TARBISECT_KERNEL"   # for tarbisect matrix
  peer: { ssh: root@peer, interfaces: [{ driver: ${module} }] }
target: server
peers: [peer]
configure:
  - { address: 10.1.0.1/24, features: { ntuple: true } }
  - { host: peer, address: 10.1.0.2/24 }
stress:
  flows: [{ from: peer, to: server, parallel: 4 }]
  duration: 10m
`;
  return form.replace(/^/gm, "# ").replace(/# $/, "");
}

/** The catalog's recipe as one command: vendors' common.mk find split headers by BUILD_KERNEL alone. */
function buildCommand({ recipe, sourceFolder }: Catalog): string {
  const { BUILD_KERNEL, ...others } = recipe.variables;
  const variables = Object.entries(others).map(
    ([name, value]) => `${name}="${value.replaceAll("{kernel}", "$TARBISECT_KERNEL")}"`,
  );
  const kernel = (BUILD_KERNEL ?? "{kernel}").replaceAll("{kernel}", "$TARBISECT_KERNEL");
  const words =
    recipe.kind === "kbuild"
      ? [
          `make -j2 -C "/lib/modules/$TARBISECT_KERNEL/build" M="$TARBISECT_SOURCE/${sourceFolder}"`,
          'KCFLAGS="$TARBISECT_CFLAGS"',
          ...variables,
          "modules",
        ]
      : [
          `make -j2 -C ${sourceFolder} BUILD_KERNEL="${kernel}"`,
          'CFLAGS_EXTRA="$TARBISECT_CFLAGS"',
          ...variables,
        ];
  return words.join(" ");
}
