// Many receive bugs count packets per buffer: with a small ring and one queue the same packets reach the count sooner
// (i40e 2.13.10: 90 minutes at its default rings and queues, 10 seconds with 64 entries and one queue).
import { quote } from "../target/remote-command.js";

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
