import type { ConfigureSettings } from "./configure-settings.js";
import type { GuardSettings } from "./guard-settings.js";
import type { JudgeRules } from "./judge-trial.js";
import type { CycleRules } from "./leak-cycles.js";
import type { LoadSettings } from "./module-settings.js";
import type { StressSettings } from "./stress-settings.js";
import type { WatchSettings } from "./watch.js";

/** What a trial needs of the settings. */
export interface TrialSettings {
  load: LoadSettings;
  configure: ConfigureSettings;
  amplify: boolean;
  /** Undefined: the target is left unguarded. */
  guard: GuardSettings | undefined;
  stress: StressSettings;
  watch: WatchSettings;
  judge: JudgeRules;
  /** While a leak is looked for. */
  cycles: CycleRules | undefined;
  /** How long a boot may take. */
  bootMs: number;
}
