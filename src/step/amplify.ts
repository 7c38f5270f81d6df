// Many receive bugs count packets per buffer: with a small ring and one queue the same packets reach the count sooner
// (i40e 2.13.10: 90 minutes at its default rings and queues, 10 seconds with 64 entries and one queue).
import { quote } from "../target/remote-command.js";
import { readNicFacts } from "./nic-facts.js";

/** Entries tried in this order: drivers refuse below a minimum of their own (64 i40e, 80 e1000 and igb). */
const smallRings = [64, 80, 96, 128, 256];

/** sh that makes an interface's receive ring and its number of queues small, and prints what it reached. */
export function amplifyCommand(name: string): string {
  const nic = quote(name);
  return `
if ethtool -l ${nic} >/dev/null 2>&1; then
  ethtool -L ${nic} combined 1 >/dev/null 2>&1 || ethtool -L ${nic} rx 1 tx 1 >/dev/null 2>&1 || ethtool -L ${nic} rx 1 >/dev/null 2>&1
fi
for size in ${smallRings.join(" ")}; do
  ethtool -G ${nic} rx $size >/dev/null 2>&1
  code=$?
  if [ $code = 0 ] || [ $code = 80 ]; then break; fi
done
if [ $code = 0 ] || [ $code = 80 ]; then echo "rx ring $size"; else echo "rx ring as it was"; fi`;
}

/**
 * What amplifying the interfaces would do, in words; undefined when it changes nothing or they do not tell. `printed` is
 * what `nicFactsScript` printed, `plannedMs` how long the flows run. A driver may take no ring as small as that: "up to".
 */
export function proposeAmplify(
  printed: string,
  names: readonly string[],
  plannedMs: number | undefined,
): string | undefined {
  const told = names.flatMap((name) => {
    const { rings = "", channels = "" } = readNicFacts(printed, name);
    const entries = Number(/^rx (\d+)/.exec(rings)?.[1] ?? 0);
    const queues = [...channels.matchAll(/(?:rx|combined) (\d+)/g)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
    const times = (entries / smallRings[0]!) * Math.max(1, queues);
    return times > 1 ? [{ name, entries, queues, times }] : [];
  });
  if (told.length === 0) return undefined;
  const changes = told.map(({ name, entries, queues }) => {
    const single = queues > 1 ? `, ${queues} queues to 1` : "";
    return `${name} rx ring ${entries} to ${smallRings[0]}${single}`;
  });
  // The planned exposure is as long as the card that gains least needs.
  const times = Math.min(...told.map((each) => each.times));
  const shorter =
    plannedMs === undefined
      ? ""
      : `, so ${plannedMs / 1000} s do what takes ${Math.round((plannedMs * times) / 1000)} s without`;
  return `would set ${changes.join("; ")}: each buffer is used up to ${Math.round(times * 10) / 10} times as often${shorter}`;
}
