// What belongs together in tarbisect.yaml. It is asked of files that may be wrong elsewhere too, so that every problem
// is told at once: nothing of the value's shape is certain here.

interface Problem {
  path: (string | number)[];
  message: string;
}

type Loose = Readonly<Record<string, unknown>>;

/** Problems between keys; each key alone is checked by the shape. */
export function formProblems(value: unknown): Problem[] {
  const settings = asRecord(value);
  return settings.target === undefined
    ? commandForm(settings)
    : [...targetForm(settings), ...hostNames(settings)];
}

/** Without a target every stage is a command of the user's, on this machine or over ssh. */
function commandForm(settings: Loose): Problem[] {
  const missing = (["build", "stress"] as const).flatMap((stage) =>
    settings[stage] !== undefined && asRecord(settings[stage]).run === undefined
      ? [problem([stage, "run"], "is missing")]
      : [],
  );
  const load = settings.load !== undefined && asRecord(settings.load).run === undefined;
  const onlyWithTarget = [
    ...["peers", "configure"].filter((key) => isFilled(settings[key])),
    ...(settings.guard === undefined ? [] : ["guard"]),
  ];
  return [
    ...missing,
    ...(load ? [problem(["load", "run"], "is missing")] : []),
    ...onlyWithTarget.map((key) => problem([key], "needs target, one of hosts")),
    ...(String(settings.kernel).includes("/")
      ? [problem(["kernel"], "is a folder, which needs target")]
      : []),
    ...["flows", "health", "memleak"].flatMap((key) =>
      [undefined, "off"].includes(asRecord(settings.stress)[key] as string | undefined)
        ? []
        : [problem(["stress", key], "needs target, one of hosts")],
    ),
    ...trafficRules(settings),
    ...(isFilled(settings.twins) && settings.ssh === undefined
      ? [problem(["twins"], "needs target or ssh: nothing else is identical to this machine")]
      : []),
    ...twinNames(settings, settings.ssh),
  ];
}

function targetForm(settings: Loose): Problem[] {
  const stress = asRecord(settings.stress);
  const ways = [stress.run, stress.flows].filter((way) => way !== undefined).length;
  return [
    ...(settings.driver === undefined
      ? [problem(["driver"], "is missing: a target's module is named by the driver's catalog")]
      : []),
    ...(settings.ssh === undefined
      ? []
      : [problem(["ssh"], "is for settings without target: name it in hosts")]),
    ...(settings.stress !== undefined && ways !== 1
      ? [problem(["stress"], "needs run or flows, and not both")]
      : []),
    ...trafficRules(settings),
    ...twinNames(settings, settings.target),
    ...twinFlows(settings),
  ];
}

/** Cycles of load and a throughput are those of flows. */
function trafficRules(settings: Loose): Problem[] {
  if (settings.stress === undefined || asRecord(settings.stress).flows !== undefined) return [];
  return (["leak", "throughput"] as const).flatMap((rule) =>
    asRecord(settings.judge)[rule] === undefined ? [] : [problem(["judge", rule], "needs stress.flows")],
  );
}

/** Each machine is named once. */
function twinNames({ twins, peers }: Loose, first: unknown): Problem[] {
  return asList(twins).flatMap((name, at) =>
    [first, ...asList(peers), ...asList(twins).slice(0, at)].includes(name)
      ? [problem(["twins", at], `"${String(name)}" has another part already`)]
      : [],
  );
}

/** Each target has traffic of its own, and none with another target. */
function twinFlows(settings: Loose): Problem[] {
  const flows = asRecord(settings.stress).flows;
  const [targets, twins] = [[settings.target, ...asList(settings.twins)], asList(settings.twins)];
  if (twins.length === 0 || flows === undefined) return [];
  const ends = asList(flows).map((flow) => [asRecord(flow).from, asRecord(flow).to]);
  return [
    ...ends.flatMap((its, at) =>
      its.every((end) => targets.includes(end))
        ? [problem(["stress", "flows", at], "joins two targets, which are tested apart")]
        : [],
    ),
    ...twins.flatMap((name, at) =>
      ends.some((its) => its.includes(name))
        ? []
        : [problem(["twins", at], `no flow leads to or from "${String(name)}"`)],
    ),
  ];
}

function hostNames(settings: Loose): Problem[] {
  const known = Object.keys(asRecord(settings.hosts));
  const peers = asList(settings.peers);
  const twins = asList(settings.twins);
  const used: [string[] | (string | number)[], unknown][] = [
    [["target"], settings.target],
    ...peers.map((name, at): [(string | number)[], unknown] => [["peers", at], name]),
    ...twins.map((name, at): [(string | number)[], unknown] => [["twins", at], name]),
    ...asList(settings.configure).map((entry, at): [(string | number)[], unknown] => [
      ["configure", at, "host"],
      asRecord(entry).host,
    ]),
    [["stress", "health", "on"], asRecord(asRecord(settings.stress).health).on],
    ...asList(asRecord(settings.stress).flows).flatMap((flow, at): [(string | number)[], unknown][] =>
      ["from", "to"].map((end) => [["stress", "flows", at, end], asRecord(flow)[end]]),
    ),
  ];
  const trial = [settings.target, ...twins, ...peers];
  return used.flatMap(([path, name]) => {
    if (typeof name !== "string") return [];
    if (!known.includes(name))
      return [problem(path, `"${name}" is none of hosts${known.length > 0 ? `: ${known.join(", ")}` : ""}`)];
    return trial.includes(name) ? [] : [problem(path, `"${name}" is none of target, twins and peers`)];
  });
}

function problem(path: (string | number)[], message: string): Problem {
  return { path, message };
}

function asRecord(value: unknown): Loose {
  return typeof value === "object" && value !== null ? (value as Loose) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function isFilled(value: unknown): boolean {
  return asList(value).length > 0;
}
