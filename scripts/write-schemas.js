// Writes the JSON schemas that the project publishes, from the shapes that check the same files at run time.
import { writeFileSync } from "node:fs";
import { catalogJsonSchema } from "../dist/catalog/json-schema.cjs";
import { progressJsonSchema } from "../dist/report/progress-shape.cjs";
import { reportJsonSchema } from "../dist/report/report-shape.cjs";
import { decodeJsonSchema } from "../dist/cli/decode-schema.cjs";
import { evidenceJsonSchema } from "../dist/cli/evidence-schema.cjs";
import { bisectJsonSchema } from "../dist/cli/bisect-schema.cjs";
import { matrixJsonSchema } from "../dist/cli/matrix-schema.cjs";
import { judgeJsonSchema } from "../dist/cli/judge-schema.cjs";
import { suspectsJsonSchema } from "../dist/suspects/suspects-shape.cjs";
import { settingsJsonSchema } from "../dist/cli/settings-shape.cjs";

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
