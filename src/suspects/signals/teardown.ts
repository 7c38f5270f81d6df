// What is used after it is gone was let go by somebody else, who stands in no trace: code that frees, stops or resets.
import { reason, type Signal } from "./signal.js";

const letsGo =
  /free|destroy|remove|disconnect|teardown|cleanup|clean_up|_down\b|stop|cancel|reset|release|_put\b|put_|exit|fini|unregister|detach|purge|abort|close|drop|evict|del\b|_del_/i;

export const teardown: Signal = ({ change, added, removed }, { subject }) => {
  if (subject?.lifetime !== true) return undefined;
  if (letsGo.test(change.name)) return reason("teardown", 0.5, "it lets go of something");
  return [...added, ...removed].some((line) =>
    /\b\w*(?:free|destroy|_put|cancel|list_del\w*)\s*\(/.test(line),
  )
    ? reason("teardown", 0.3, "its changed lines let go of something")
    : undefined;
};
