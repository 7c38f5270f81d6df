// What the headers of two kernels say of a build's first error; the declarations are those of Linux.
import { describe, expect, it } from "vitest";
import { buildQuestion } from "../../src/build/build-question.js";
import { declarationsIn } from "../../src/build/header-declarations.js";
import { explainChange, explainHeader, type HeaderView } from "../../src/build/header-change.js";

function view(kernel: string, name: string, text: string): HeaderView {
  const file = "include/linux/example.h";
  const words = [...text.matchAll(/\b[A-Za-z_]\w*(?=\()/g)].map(([word]) => word);
  return {
    kernel,
    declarations: declarationsIn(text, file, name),
    neighbours: [...new Set(words)].flatMap((word) =>
      declarationsIn(text, file, word).filter((declaration) => declaration.name === word),
    ),
  };
}

function explain(message: string, [before, now]: readonly [string, string], sourceLine?: string): unknown {
  const question = buildQuestion(message, sourceLine);
  if (question === undefined) return undefined;
  const name = question.kind === "member" ? question.owner : question.name;
  return explainChange(question, view("6.1", name, before), view("6.12", name, now));
}

describe("a question to the headers", () => {
  it.each([
    [
      "implicit declaration of function 'netif_rx_ni'; did you mean 'netif_rx'?",
      { kind: "missing", name: "netif_rx_ni" },
    ],
    ["'XDP_QUERY_PROG' undeclared (first use in this function)", { kind: "missing", name: "XDP_QUERY_PROG" }],
    [
      "'struct netdev_bpf' has no member named 'prog_id'",
      { kind: "member", owner: "netdev_bpf", name: "prog_id" },
    ],
    ["too many arguments to function 'netif_napi_add'", { kind: "signature", name: "netif_napi_add" }],
    ["redefinition of 'eth_hw_addr_set'", { kind: "clash", name: "eth_hw_addr_set" }],
    [
      "static declaration of 'eth_hw_addr_set' follows non-static declaration",
      { kind: "clash", name: "eth_hw_addr_set" },
    ],
    ["assignment of read-only location '*netdev->dev_addr'", { kind: "member-type", name: "dev_addr" }],
    ["linux/pci-aspm.h: No such file or directory", { kind: "header", name: "linux/pci-aspm.h" }],
    ['"xdp_do_flush_map" [/x/igb.ko] undefined!', { kind: "missing", name: "xdp_do_flush_map" }],
    ["stray '\\302' in program", undefined],
  ])("%s", (message, question) => {
    expect(buildQuestion(message, undefined)).toEqual(question);
  });

  it("takes the member that a function of another type is given for from the line", () => {
    const message = "initialization of 'int (*)(int)' from incompatible pointer type 'int (*)(long)'";
    expect(buildQuestion(message, "\t.ndo_fdb_add = igb_ndo_fdb_add,")).toEqual({
      kind: "member-type",
      name: "ndo_fdb_add",
    });
    expect(buildQuestion(message, undefined)).toBeUndefined();
  });
});

describe("a name that is gone", () => {
  const message = "implicit declaration of function 'u64_stats_fetch_begin_irq'";

  it("that only stood for another is replaced by it", () => {
    const before = `static inline unsigned int u64_stats_fetch_begin_irq(const struct u64_stats_sync *syncp)
{
	return u64_stats_fetch_begin(syncp);
}
`;
    expect(explain(message, [before, "int other(void);\n"])).toEqual({
      text: "include/linux/example.h has u64_stats_fetch_begin_irq in 6.1 and not in 6.12; there it only stands for u64_stats_fetch_begin",
      expression: "s/\\bu64_stats_fetch_begin_irq\\b/u64_stats_fetch_begin/g",
    });
  });

  it("is not replaced by a function that it gave something else to", () => {
    const before = "static inline int u64_stats_fetch_begin_irq(int a, int b) { return f(b, a); }\n";
    expect(explain(message, [before, "int other(void);\n"])).toMatchObject({ expression: undefined });
  });

  it("has a new name when one function of the same header is new and takes the same", () => {
    const [before, now] = [
      "void *PDE_DATA(const struct inode *inode);\n",
      "void *pde_data(const struct inode *node);\nint x(int);\n",
    ];
    expect(explain("implicit declaration of function 'PDE_DATA'", [before, now])).toMatchObject({
      expression: "s/\\bPDE_DATA\\b/pde_data/g",
    });
  });

  it("is told with its enum, without an edit", () => {
    const before = "enum bpf_netdev_command { XDP_SETUP_PROG, XDP_QUERY_PROG, };\n";
    const now = "enum bpf_netdev_command { XDP_SETUP_PROG, };\n";
    expect(explain("'XDP_QUERY_PROG' undeclared", [before, now])).toEqual({
      text: "enum bpf_netdev_command (include/linux/example.h) has XDP_QUERY_PROG in 6.1 and not in 6.12",
      expression: undefined,
    });
  });
});

describe("a name that has changed", () => {
  it("and takes one argument less loses the last one", () => {
    const before =
      "static inline void netif_napi_add(struct net_device *dev, struct napi_struct *napi, int weight);\n";
    const now = "static inline void netif_napi_add(struct net_device *dev, struct napi_struct *napi) { }\n";
    expect(explain("too many arguments to function 'netif_napi_add'", [before, now])).toMatchObject({
      text: expect.stringMatching(/^netif_napi_add changed: 6\.1 has .*int weight.*, 6\.12 /) as string,
      expression:
        "s/\\b(netif_napi_add\\(.*),[^,;]*\\);/\\1);/; /\\bnetif_napi_add\\([^;]*$/,/;/s/,[^,;]*\\);/);/",
    });
  });

  it("is told with both declarations of the member", () => {
    const before = "struct net_device { unsigned char *dev_addr; };\n";
    const now = "struct net_device { const unsigned char *dev_addr; };\n";
    expect(explain("assignment of read-only location '*netdev->dev_addr'", [before, now])).toEqual({
      text: 'struct net_device (include/linux/example.h) has "unsigned char *dev_addr" in 6.1 and "const unsigned char *dev_addr" in 6.12',
      expression: undefined,
    });
  });

  it("as a member is replaced by the one new member of its type", () => {
    const before = "struct xdp_umem { struct page **pgs; u32 size; };\n";
    const now = "struct xdp_umem { struct page **pages; u32 size; };\n";
    expect(explain("'struct xdp_umem' has no member named 'pgs'", [before, now])).toMatchObject({
      expression: "s/(->|\\.)pgs\\b/\\1pages/g",
    });
  });
});

describe("a name that is there twice", () => {
  it("goes on under another name in the driver", () => {
    const now = "static inline void eth_hw_addr_set(struct net_device *dev, const u8 *addr) { }\n";
    expect(explain("redefinition of 'eth_hw_addr_set'", ["", now])).toEqual({
      text: "6.12 has eth_hw_addr_set itself (include/linux/example.h), and the driver brings its own",
      expression: "s/\\beth_hw_addr_set\\b/tarbisect_own_eth_hw_addr_set/g",
    });
  });
});

describe("a header that is gone", () => {
  it("is replaced by the only one of its name, or left out", () => {
    expect(explainHeader("asm/unaligned.h", ["linux/unaligned.h"], "6.12")).toEqual({
      text: "6.12 has linux/unaligned.h in place of asm/unaligned.h",
      expression: "s|#include <asm/unaligned\\.h>|#include <linux/unaligned.h>|",
    });
    expect(explainHeader("linux/pci-aspm.h", [], "6.12").expression).toBe(
      "\\|#include <linux/pci-aspm\\.h>|d",
    );
  });
});
