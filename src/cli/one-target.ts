// Identical targets: what a trial on one of them needs of the settings that are written for all.
import type { Settings } from "./settings-shape.js";

/** Names of the machines that can test at the same time, the first of them the target; "here" is this machine. */
export function targetsOf({ target, ssh, twins = [] }: Settings): [string, ...string[]] {
  return [target ?? ssh ?? "here", ...twins];
}

/** The settings of a trial on one target; what concerns the others alone is left out. */
export function onTarget(settings: Settings, name: string): Settings {
  if (settings.twins === undefined) return settings;
  const all = targetsOf(settings);
  const twins = all.filter((other) => other !== name);
  if (settings.target === undefined) return { ...settings, ssh: name, twins };
  const { stress, peers, configure } = settings;
  const isIts = ({ from, to }: { from: string; to: string }): boolean =>
    ![from, to].some((end) => twins.includes(end));
  const flows = stress.flows?.filter(isIts);
  const ofOthers = peers.filter((peer) => {
    const serves = (of: typeof flows): boolean =>
      of?.some(({ from, to }) => [from, to].includes(peer)) ?? false;
    return serves(stress.flows) && !serves(flows);
  });
  const away = [...twins, ...ofOthers];
  const { health } = stress;
  return {
    ...settings,
    target: name,
    twins,
    peers: peers.filter((peer) => !away.includes(peer)),
    configure: configure.filter(({ host }) => host === undefined || !away.includes(host)),
    stress: {
      ...stress,
      ...(flows && { flows }),
      ...(health?.on !== undefined && all.includes(health.on) && { health: { ...health, on: name } }),
    },
  };
}
