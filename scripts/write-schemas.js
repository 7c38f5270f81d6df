// Writes the JSON schemas that the project publishes, from the shapes that check the same files at run time.
import { writeFileSync } from "node:fs";
import { catalogJsonSchema } from "../dist/catalog/json-schema.js";

writeFileSync(
  new URL("../releases/schema.json", import.meta.url),
  `${JSON.stringify(catalogJsonSchema(), null, 2)}\n`,
);
