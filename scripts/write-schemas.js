// Writes the JSON schemas that the project publishes, from the shapes that check the same files at run time.
import { writeFileSync } from "node:fs";
import { catalogJsonSchema } from "../dist/catalog/json-schema.js";
import { progressJsonSchema } from "../dist/report/progress-shape.js";
import { reportJsonSchema } from "../dist/report/report-shape.js";
import { decodeJsonSchema } from "../dist/cli/decode-schema.js";
import { evidenceJsonSchema } from "../dist/cli/evidence-schema.js";
import { bisectJsonSchema } from "../dist/cli/bisect-schema.js";
import { matrixJsonSchema } from "../dist/cli/matrix-schema.js";
import { judgeJsonSchema } from "../dist/cli/judge-schema.js";
import { suspectsJsonSchema } from "../dist/suspects/suspects-shape.js";
import { settingsJsonSchema } from "../dist/cli/settings-shape.js";

for (const [path, schema] of [
  ["../releases/schema.json", catalogJsonSchema()],
  ["../schema/tarbisect.schema.json", settingsJsonSchema()],
  ["../schema/report.schema.json", reportJsonSchema()],
  ["../schema/watch.schema.json", progressJsonSchema()],
  ["../schema/evidence.schema.json", evidenceJsonSchema()],
  ["../schema/bisect.schema.json", bisectJsonSchema()],
  ["../schema/matrix.schema.json", matrixJsonSchema()],
  ["../schema/judge.schema.json", judgeJsonSchema()],
  ["../schema/decode.schema.json", decodeJsonSchema()],
  ["../schema/suspects.schema.json", suspectsJsonSchema()],
])
  writeFileSync(new URL(path, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
