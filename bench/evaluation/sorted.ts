/** Values as a file keeps them: the same ones are the same bytes, and small changes are small. */

const DIGITS = 5;

/** @returns the value with the fields of its objects in order, and its numbers to a few digits. */
export function sorted(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(DIGITS));
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  );
}
