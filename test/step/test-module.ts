// Small kernel modules for what no command can do to a guest: built on the lab's headers, sent to a guest.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChecked } from "../../src/host/run-command.js";
import type { Target } from "../../src/target/target.js";

const texts = {
  /** Stops every processor with its interrupts off. */
  hang: `#include <linux/module.h>
#include <linux/smp.h>
static void stop(void *unused) { local_irq_disable(); for (;;) cpu_relax(); }
static int __init start(void) { smp_call_function(stop, NULL, 0); stop(NULL); return 0; }
module_init(start);
MODULE_LICENSE("GPL");
`,
  /** Keeps the driver of the first e1000 card from being unloaded. */
  holder: `#include <linux/module.h>
#include <linux/pci.h>
static int __init start(void)
{
	struct pci_dev *card = pci_get_device(0x8086, 0x100e, NULL);
	if (!card || !card->driver || !try_module_get(card->driver->driver.owner)) return -ENODEV;
	return 0;
}
module_init(start);
MODULE_LICENSE("GPL");
`,
} as const;

export type TestModule = keyof typeof texts;

/** Builds it and puts it at /root/NAME.ko of the guest. */
export async function sendTestModule(guest: Target, name: TestModule, headers: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tarbisect-module-"));
  writeFileSync(join(folder, `${name}.c`), texts[name]);
  writeFileSync(join(folder, "Makefile"), `obj-m := ${name}.o\n`);
  await runChecked(["make", "-s", "-C", headers, `M=${folder}`, "modules"], { timeoutMs: 120_000 });
  await guest.send({ folder, names: [`${name}.ko`] }, "/root");
  rmSync(folder, { recursive: true });
}
