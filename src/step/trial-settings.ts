import type { ConfigureSettings } from "./configure-settings.js";
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
  stress: StressSettings;
  watch: WatchSettings;
  judge: JudgeRules;
  /** While a leak is looked for. */
  cycles: CycleRules | undefined;
  /** How long a boot may take. */
  bootMs: number;
}
