/** Finds what would keep a JSON value from being parsed, stored and sent again unchanged. */
import { MAX_JSON_DEPTH } from "./limits.ts";

/**
 * @returns what is wrong with the value, or null. Nesting too deep exhausts the stack of every
 * parser behind this one, a `__proto__` key would be dropped by them in silence, and 1e999 is
 * Infinity once it is read, and null once it is written again.
 */
export function findJsonFlaw(value: unknown, depth = 0): string | null {
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
