// Settings that a table compares: "ntuple=on,off" makes two of every cell (pure).
import { usageFault } from "../fault/fault.js";
import type { ConfigureEntry, ConfigureSettings } from "../step/configure-settings.js";

/** One column's settings, such as ntuple=on; the label "" stands for those of tarbisect.yaml as they are. */
export interface SettingsChoice {
  label: string;
  values: readonly { key: string; value: string }[];
}

interface Shaped {
  configure: ConfigureSettings;
  amplify: boolean;
}

const numbers = ["mtu", "ring.rx", "ring.tx", "channels.combined"] as const;
const asIs: SettingsChoice = { label: "", values: [] };

/** Each text is KEY=VALUE,VALUE; several multiply. Usage fault: no such key or value. */
export function settingsChoices(texts: readonly string[]): SettingsChoice[] {
  return texts.map(parseAxis).reduce<SettingsChoice[]>(
    (choices, axis) =>
      choices.flatMap((choice) =>
        axis.map((value) => ({
          label: [choice.label, `${value.key}=${value.value}`].filter((label) => label !== "").join(" "),
          values: [...choice.values, value],
        })),
      ),
    [asIs],
  );
}

function parseAxis(text: string): { key: string; value: string }[] {
  const [, key, list] = /^([a-z][\w.-]*)=(.+)$/.exec(text) ?? [];
  if (key === undefined || list === undefined)
    throw usageFault(`"${text}" is no setting with its values`, "--settings ntuple=on,off");
  const values = [...new Set(list.split(",").map((value) => value.trim()))];
  const isNumber = (numbers as readonly string[]).includes(key);
  const wrong = values.find((value) => !(isNumber ? /^[1-9]\d{0,5}$/ : /^(?:on|off)$/).test(value));
  if (wrong !== undefined)
    throw usageFault(
      `"${wrong}" is no value of ${key}`,
      isNumber ? "a whole number" : `on or off; numbers take ${numbers.join(", ")}`,
    );
  if (key.includes(".") && !isNumber)
    throw usageFault(
      `"${key}" is no setting of a table`,
      `a feature of ethtool -K, amplify, ${numbers.join(", ")}`,
    );
  return values.map((value) => ({ key, value }));
}

/** The settings with the choice made on every interface of the target that they configure, or on its first. */
export function withChoice<T extends Shaped>(settings: T, choice: SettingsChoice, target: string): T {
  if (choice.values.length === 0) return settings;
  const isOfTarget = ({ host }: ConfigureEntry): boolean => host === undefined || host === target;
  const configure = settings.configure.some(isOfTarget)
    ? settings.configure
    : [...settings.configure, { interface: 0 }];
  const features = choice.values.filter(({ key }) => key !== "amplify");
  const amplify = choice.values.find(({ key }) => key === "amplify");
  return {
    ...settings,
    configure: configure.map((entry) => (isOfTarget(entry) ? features.reduce(withValue, entry) : entry)),
    amplify: amplify === undefined ? settings.amplify : amplify.value === "on",
  };
}

function withValue(entry: ConfigureEntry, { key, value }: { key: string; value: string }): ConfigureEntry {
  switch (key) {
    case "mtu":
      return { ...entry, mtu: Number(value) };
    case "ring.rx":
      return { ...entry, ring: { ...entry.ring, rx: Number(value) } };
    case "ring.tx":
      return { ...entry, ring: { ...entry.ring, tx: Number(value) } };
    case "channels.combined":
      return { ...entry, channels: { ...entry.channels, combined: Number(value) } };
    default:
      return { ...entry, features: { ...entry.features, [key]: value === "on" } };
  }
}
