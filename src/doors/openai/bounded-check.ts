/**
 * Checks an answer against a schema that the caller sent, with a bound on the work. A few lines of schema whose
 * parts each refer twice to the next, or to themselves, could otherwise use up all processor time (CWE-400).
 */
import type { Json } from "../../protocol/json.ts";

/** So many parts a schema may have, each counted wherever it is referred to. */
const MAX_PARTS = 5_000;
/** So often a check may look into an answer. */
const MAX_LOOKS = 50_000;

/** Held by name, to be referred to: they count where they are. */
const DEFINITIONS: ReadonlySet<string> = new Set(["$defs", "definitions"]);

/** @returns whether a schema unfolds to few enough parts; one that refers to where it stands counts once. */
export function unfoldsInMeasure(schema: Json): boolean {
  const counts = new Map<string, number>();

  function partsOf(part: Json): number {
    if (typeof part !== "object" || part === null) return 0;
    let count = 1;
    for (const [keyword, held] of Object.entries(part)) {
      if (keyword === "$ref" && typeof held === "string") count += partsAt(held);
      else if (!DEFINITIONS.has(keyword)) count += partsOf(held);
    }
    return count;
  }

  function partsAt(reference: string): number {
    const known = counts.get(reference);
    if (known !== undefined) return known;
    counts.set(reference, 1);
    const count = partsOf(partAt(schema, reference));
    counts.set(reference, count);
    return count;
  }

  return partsOf(schema) <= MAX_PARTS;
}

/** @returns what a reference within a schema names; null where that is nothing. */
function partAt(schema: Json, reference: string): Json {
  const steps = reference.split("/").slice(1);
  return steps.reduce<Json>((part, step) => {
    const isThere = typeof part === "object" && part !== null && Object.hasOwn(part, step);
    return isThere ? (new Map<string, Json>(Object.entries(part)).get(step) ?? null) : null;
  }, schema);
}

/** Thrown where a check looks into an answer more often than it may. */
export class TooMuchToCheck extends Error {
  override readonly name = "TooMuchToCheck";
}

/** @returns the answer, which throws {@link TooMuchToCheck} once it was looked into too often. */
export function lookedInto(answer: Json): Json {
  let looks = 0;
  const watched = (value: Json): Json => (isHolder(value) ? new Proxy(value, watch) : value);
  const watch: ProxyHandler<Extract<Json, object>> = {
    get(holder, name) {
      looks += 1;
      if (looks > MAX_LOOKS) throw new TooMuchToCheck();
      const held: Json = Reflect.get(holder, name);
      return Object.hasOwn(holder, name) ? watched(held) : held;
    },
  };
  return watched(answer);
}

function isHolder(value: Json): value is Extract<Json, object> {
  return typeof value === "object" && value !== null;
}
