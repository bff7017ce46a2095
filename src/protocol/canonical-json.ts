/** JSON in its one canonical form (RFC 8785), so that the same value is always the same bytes. */

/**
 * Members are ordered by their names' UTF-16 code units, and numbers and strings written as ECMAScript
 * does, which is what the RFC builds on. Members that are undefined are left out, as `JSON.stringify`
 * leaves them out. A lone surrogate, which the RFC refuses, is written as its escape: no log may fail
 * for a model's broken text.
 * @throws {TypeError} for what is no JSON: functions, symbols, undefined, numbers that are not finite.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(",")}}`;
  }
  const text = typeof value === "number" && !Number.isFinite(value) ? null : asText(value);
  if (text === null) throw new TypeError(`There is no JSON for ${String(value)}.`);
  return text;
}

function asText(value: unknown): string | null {
  const isJson = value === null || ["string", "number", "boolean"].includes(typeof value);
  return isJson ? JSON.stringify(value) : null;
}
