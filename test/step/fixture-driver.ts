// A vendor's releases as small as they can be: a PCI driver that takes the lab's e1000 card and does nothing with it.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const card = "{ PCI_DEVICE(0x8086, 0x100e) }";

/** `probe` comes first in the probe function, `name` is the module's. */
function source(name: string, version: string, { probe = "", top = "" } = {}): string {
  return `#include <linux/module.h>
#include <linux/pci.h>
#include <linux/etherdevice.h>
${top}
static const struct pci_device_id ids[] = { ${card}, { } };
static netdev_tx_t drop(struct sk_buff *skb, struct net_device *dev) { dev_kfree_skb_any(skb); return NETDEV_TX_OK; }
static const struct net_device_ops ops = { .ndo_start_xmit = drop };
static int fix_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	static const u8 mac[ETH_ALEN] = { 0x52, 0x54, 0, 0x7b, 0, 1 };
	struct net_device *dev;
	int err;
	${probe}
	dev = alloc_etherdev(0);
	if (!dev) return -ENOMEM;
	dev->netdev_ops = &ops;
	SET_NETDEV_DEV(dev, &pdev->dev);
	eth_hw_addr_set(dev, mac);
	err = register_netdev(dev);
	if (err) { free_netdev(dev); return err; }
	pci_set_drvdata(pdev, dev);
	return 0;
}
static void fix_remove(struct pci_dev *pdev)
{
	struct net_device *dev = pci_get_drvdata(pdev);
	unregister_netdev(dev);
	free_netdev(dev);
}
static struct pci_driver fix = { .name = "${name}", .id_table = ids, .probe = fix_probe, .remove = fix_remove };
module_pci_driver(fix);
MODULE_LICENSE("GPL");
MODULE_VERSION("${version}");
`;
}

interface FixtureRelease {
  version: string;
  probe?: string;
  top?: string;
}

/** A repository of releases (tags vVERSION) with its catalog and a settings file above it; `name` is the module's. */
export interface Fixture {
  folder: string;
  repository: string;
  catalog: string;
}

export function fixtureRepository(releases: readonly FixtureRelease[], name = "tbfix"): Fixture {
  const folder = mkdtempSync(join(tmpdir(), "tarbisect-fixture-"));
  const repository = join(folder, name);
  mkdirSync(join(repository, "src"), { recursive: true });
  const git = (...words: string[]): void =>
    void execFileSync("git", words, { cwd: repository, stdio: "pipe" });
  git("init", "-q", "-b", "releases");
  for (const [key, value] of [
    ["user.name", "t"],
    ["user.email", "t@example.org"],
  ] as const)
    git("config", key, value);
  writeFileSync(join(repository, "src/Makefile"), `obj-m := ${name}.o\n`);
  for (const { version, ...parts } of releases) {
    writeFileSync(join(repository, `src/${name}.c`), source(name, version, parts));
    git("add", ".");
    git("commit", "-q", "-m", version);
    git("tag", `v${version}`);
  }
  const catalog = join(folder, `${name}.yaml`);
  const listed = releases.map(({ version }) => ({ version, urls: [`${version}.tar.gz`] }));
  const recipe = { kind: "kbuild" };
  writeFileSync(
    catalog,
    JSON.stringify({ driver: name, module: name, sourceFolder: "src", recipe, releases: listed }),
  );
  return { folder, repository, catalog };
}
