/** Type guards to build others of: what arrives is checked against the wire's types, field by field. */

/** Says whether a value is of a type. Bounds and formats are the server's to keep: it sent the value. */
export type Check<Type> = (value: unknown) => value is Type;

export function text<Text extends string>(value: unknown): value is Text {
  return typeof value === "string";
}

export function number(value: unknown): value is number {
  return typeof value === "number";
}

/** A count, an offset or a position. */
export function count(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

export function boolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** Whatever JSON holds, null included. */
export function present<Type>(value: unknown): value is Type {
  return value !== undefined;
}

/** @param values the texts there are, as the keys of an object: the type says that none is missing. */
export function oneOf<Text extends string>(values: Readonly<Record<Text, unknown>>): Check<Text> {
  return (value): value is Text => typeof value === "string" && Object.hasOwn(values, value);
}

export function nullable<Type>(check: Check<Type>): Check<Type | null> {
  return (value): value is Type | null => value === null || check(value);
}

export function optional<Type>(check: Check<Type>): Check<Type | undefined> {
  return (value): value is Type | undefined => value === undefined || check(value);
}

export function list<Type>(check: Check<Type>): Check<Type[]> {
  return (value): value is Type[] => Array.isArray(value) && value.every(check);
}

/** @returns a check of objects that hold such values, under whatever names. */
export function record<Type>(check: Check<Type>): Check<Record<string, Type>> {
  return (value): value is Record<string, Type> =>
    isObject(value) && Object.values(value).every(check);
}

export const labels = record(text<string>);

/** @param fields a check for each field of the type; other fields are let through. */
export function object<Type>(
  fields: {
    readonly [Name in keyof Type]-?: Check<Type[Name]>;
  },
): Check<Type> {
  const checks = Object.entries<Check<unknown>>(fields);
  return (value): value is Type =>
    isObject(value) && checks.every(([name, check]) => check(value[name]));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
