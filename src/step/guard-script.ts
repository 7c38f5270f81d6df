// The dead-man switch: sh on the target that nothing of ours holds. It lives in a folder of a file system that no boot
// keeps; a folder that is gone or another's tells it to end.
import { quote } from "../target/remote-command.js";
import { driversByCard, takeModuleOut } from "./unload-modules.js";

export interface GuardPlan {
  /** Names this guard, so that a new one's folder is not taken for its own. */
  token: string;
  silenceSeconds: number;
  then: "in-tree" | "reboot";
  /** Taken out, with all that uses them. */
  modules: readonly string[];
  /** The kernel's own driver; undefined: the one that its index names for each card. */
  inTree: string | undefined;
  /** The interfaces whose addresses and routes come back, by what the kernel calls them now. */
  interfaces: readonly string[];
}

export const guardFolder = "/run/tarbisect-guard";

const path = 'PATH="$PATH:/usr/sbin:/sbin"; export PATH';
const ownFolder = `read -r token 2>/dev/null <${guardFolder}/token && [ "$token" = "$own" ]`;
/** How long the kernel's own driver may take to come back. */
const returnSeconds = 120;

/** sh: `addresses` gives the cards what they had when the guard was armed. */
export const restoreAddresses = `addresses() {
  for file in ${guardFolder}/net-*; do
    [ -e "$file" ] || continue
    for path in /sys/class/net/*; do
      read -r mac <"$path/address" && [ "$mac" = "\${file##*/net-}" ] && [ -e "$path/device" ] || continue
      ip link set "\${path##*/}" up
      while read -r kind rest; do ip "$kind" replace $rest dev "\${path##*/}"; done <"$file"
    done
  done
}`;

/** sh that makes the guard act, and that asks whether it has begun to, and whether it has ended. */
export const guardActsNow = `: >${guardFolder}/now`;
export const guardActs = `[ -e ${guardFolder}/acting ]`;
export const guardHasActed = `[ -e ${guardFolder}/acted ]`;

function head({ token }: Pick<GuardPlan, "token">): string {
  return `${path}\nown=${quote(token)}\ncd / || exit 1`;
}

/**
 * POSIX sh. Time is /proc/uptime's, which no clock setting moves. The module under test may hang on its way out: then
 * only a reboot is left.
 */
export function guardScript(plan: GuardPlan): string {
  return `${head(plan)}
folder=${guardFolder}
# Out of memory is what it must survive.
echo -1000 2>/dev/null >/proc/self/oom_score_adj
uptime() { read -r up rest </proc/uptime; up=\${up%%.*}; }
mine() { ${ownFolder}; }
reboot_now() {
  echo "<2>tarbisect guard: rebooting" >/dev/kmsg
  sync & sleep 2
  echo b >/proc/sysrq-trigger || reboot -f
}
${takeModuleOut}
${restoreAddresses}
back() {
  for module in ${plan.modules.map(quote).join(" ")}; do
    out "$module" || return 1
  done
  ${plan.inTree === undefined ? ":" : `modprobe ${quote(plan.inTree)} || return 1`}
${driversByCard}
  # An interface may come a while after its driver, and what manages it may be busy with it.
  for try in 1 2 3 4 5; do addresses; sleep 1; done
}
act() {
  # The folder is gone when we were disarmed just now.
  mkdir "$folder/acting" 2>/dev/null || exit 0
  if [ -e "$folder/now" ]; then why="asked to"; else why="no word for ${plan.silenceSeconds} s"; fi
  echo "<4>tarbisect guard: $why" >/dev/kmsg
  ${plan.then === "reboot" ? "reboot_now" : inTreeOrReboot}
}
uptime
alive=$up
mine && : >"$folder/running"
while mine; do
  read -r word 2>/dev/null <"$folder/alive" && alive=$word
  uptime
  if [ $((up - alive)) -gt ${plan.silenceSeconds} ] || [ -e "$folder/now" ]; then act; exit 0; fi
  sleep 1
done
`;
}

// A child that has ended and was not waited for yet still answers to kill -0: a file tells.
const inTreeOrReboot = `{ back; echo $? >"$folder/returned"; } &
  waited=0
  while [ ! -s "$folder/returned" ] && [ $waited -lt ${returnSeconds} ]; do sleep 1; waited=$((waited + 1)); done
  code=1
  read -r code 2>/dev/null <"$folder/returned"
  [ "$code" = 0 ] || reboot_now
  echo "<4>tarbisect guard: the kernel's own driver is back" >/dev/kmsg
  : >"$folder/acted"`;

/** Puts a guard there in place of any other, notes the addresses, and prints "armed" when it runs. */
export function armScript(plan: GuardPlan): string {
  return `${head(plan)}
${endAny}
umask 077
mkdir ${guardFolder} && cd ${guardFolder} || exit 1
for name in ${plan.interfaces.map(quote).join(" ")}; do
  read -r mac <"/sys/class/net/$name/address" || continue
  {
    ip -o addr show dev "$name" scope global | sed -n 's/.* inet6* \\([^ ]*\\) .*/addr \\1/p'
    ip -4 route show dev "$name" | grep -v 'proto kernel' | sed 's/^/route /'
  } >"net-$mac"
done
read -r up rest </proc/uptime
echo "\${up%%.*}" >alive
printf '%s' ${quote(guardScript(plan))} >guard
echo "$own" >token
setsid sh ${guardFolder}/guard </dev/null >/dev/null 2>&1 &
echo $! >pid
${waitUntil(`${guardFolder}/running`)} && echo armed
`;
}

/**
 * sh that waits for a file which a process writes once it is in a session of its own: what is still in ours on its way
 * there ends with us.
 */
export function waitUntil(file: string): string {
  return `{ for try in $(seq 60); do [ -e ${quote(file)} ] && break; sleep 1; done; [ -e ${quote(file)} ]; }`;
}

/** Tells the guard that we are there; ends with 8 when it is not there, with 9 when it has acted. */
export function wordScript(plan: Pick<GuardPlan, "token">): string {
  return `${head(plan)}
cd ${guardFolder} 2>/dev/null || exit 8
{ ${ownFolder}; } || exit 8
[ ! -e acting ] || exit 9
read -r up rest </proc/uptime
echo "\${up%%.*}" >alive.new && mv alive.new alive`;
}

/** Ends the guard and takes away all of it; ends with 9 when it had acted. */
export function disarmScript(plan: Pick<GuardPlan, "token">): string {
  return `${head(plan)}
{ ${ownFolder}; } || exit 0
code=0
[ ! -e ${guardFolder}/acting ] || code=9
${endAny}
exit $code`;
}

// A guard in the middle of its work is left to end it. A process id may be another's by now.
const endAny = `if [ -d ${guardFolder} ]; then
  for try in $(seq ${returnSeconds + 30}); do
    [ -e ${guardFolder}/acting ] && [ ! -e ${guardFolder}/acted ] || break
    sleep 1
  done
  read -r old 2>/dev/null <${guardFolder}/pid && grep -q ${guardFolder} "/proc/$old/cmdline" 2>/dev/null && kill -KILL "-$old" 2>/dev/null
  rm -rf ${guardFolder}
fi`;
