/** JSON as it travels and is stored: what every parser on the way keeps unchanged. */
import * as z from "zod";
import { MAX_JSON_DEPTH } from "./limits.ts";

/** A JSON value, as it travels and as it is stored: kept exactly, or refused by name. */
export const Json = z
  .unknown()
  .superRefine((value, context) => {
    const flaw = findJsonFlaw(value);
    if (flaw) context.addIssue(flaw);
  })
  .pipe(z.json());
export type Json = z.infer<typeof Json>;

/**
 * @returns what is wrong with the value, or null. Nesting too deep exhausts the stack of every
 * parser behind this one, a `__proto__` key would be dropped by them in silence, and 1e999 is
 * Infinity once it is read, and null once it is written again.
 */
function findJsonFlaw(value: unknown, depth = 0): string | null {
  if (typeof value === "number" && !Number.isFinite(value)) return "must hold finite numbers only";
  if (typeof value !== "object" || value === null) return null;
  if (depth === MAX_JSON_DEPTH) return `must nest at most ${MAX_JSON_DEPTH} levels deep`;
  if (Object.hasOwn(value, "__proto__")) return "must not hold a __proto__ key";
  for (const inner of Object.values(value)) {
    const flaw = findJsonFlaw(inner, depth + 1);
    if (flaw) return flaw;
  }
  return null;
}
