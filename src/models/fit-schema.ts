/** Cuts a value down to what a JSON Schema declares, so that a made call always fits its tool. */
import * as z from "zod";
import type { Json } from "../protocol/json.ts";

const Schema = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  items: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  maxItems: z.number().optional(),
  maximum: z.number().optional(),
});

/**
 * @returns as much of the value as the schema declares, or undefined where nothing is left of it.
 * What the schema expresses by other means ($ref, anyOf) counts as not declared.
 */
export function fitSchema(value: Json, schema: unknown): Json | undefined {
  const declared = Schema.safeParse(schema);
  if (!declared.success) return undefined;
  const { properties, items, enum: allowed, maxItems, maximum } = declared.data;
  if (Array.isArray(value)) {
    const fitting = value
      .map((item) => fitSchema(item, items))
      .filter((item) => item !== undefined);
    return fitting.length > 0 ? fitting.slice(0, maxItems) : undefined;
  }
  if (typeof value === "object" && value !== null) {
    const fitting = Object.entries(value).flatMap(([name, field]) => {
      const fitted = Object.hasOwn(properties, name)
        ? fitSchema(field, properties[name])
        : undefined;
      return fitted === undefined ? [] : [[name, fitted] as const];
    });
    return fitting.length > 0 ? Object.fromEntries(fitting) : undefined;
  }
  if (allowed && !allowed.includes(value)) return undefined;
  return typeof value === "number" && maximum !== undefined ? Math.min(value, maximum) : value;
}
