import { z } from "zod";

type Schema = z.core.JSONSchema._JSONSchema;

/** The keys that a shape knows at a path; those of every alternative where there are several. */
export function knownKeys(shape: z.ZodType, path: readonly PropertyKey[]): string[] {
  const whole = z.toJSONSchema(shape, { io: "input", unrepresentable: "any" });
  return path
    .reduce<Schema[]>(
      (schemas, part) => schemas.flatMap((schema) => below(schema, part)),
      alternatives(whole),
    )
    .flatMap((schema) => (typeof schema === "boolean" ? [] : Object.keys(schema.properties ?? {})));
}

function below(schema: Schema, part: PropertyKey): Schema[] {
  if (typeof schema === "boolean") return [];
  const items = Array.isArray(schema.items) ? undefined : schema.items;
  const inner =
    typeof part === "number" ? items : (schema.properties?.[String(part)] ?? schema.additionalProperties);
  return inner === undefined ? [] : alternatives(inner);
}

function alternatives(schema: Schema): Schema[] {
  if (typeof schema === "boolean") return [];
  return [schema, ...(schema.anyOf ?? schema.oneOf ?? []).flatMap(alternatives)];
}
