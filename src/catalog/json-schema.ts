import { z } from "zod";
import { catalogShape } from "./catalog-shape.js";

/** The JSON schema of a catalog's YAML, published as releases/schema.json so that editors complete and check it. */
export function catalogJsonSchema(): object {
  return {
    ...z.toJSONSchema(catalogShape, { io: "input", target: "draft-7" }),
    title: "a tarbisect catalog: the releases of one driver",
  };
}
