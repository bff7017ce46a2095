/** Where a request can name a thing by its id, but in its path: told by the schemas of what it holds. */
import { minimal, type Operation, type Schema } from "./operations.ts";

/** A place for an id in a request. */
export interface IdPlace {
  /** The field's own name. */
  readonly field: string;
  /** Where it is, from the whole: `body.messages.id`. */
  readonly at: string;
  /** @returns the query or the body with this id in its place; the rest is a valid example. */
  readonly put: (id: string) => unknown;
}

/** Names of ids by their ending, in every protocol's spelling, and the one that has none. */
const ID = /(^|_)ids?$|[a-z]Ids?$|^replaces$/;

/** @returns the parameters of an operation's query that are ids; each beside all that the query must hold. */
export function queryPlaces({ parameters }: Operation): IdPlace[] {
  const asked = parameters.filter((parameter) => parameter.in === "query");
  const needed = asked.filter(({ required, name }) => required === true || name === "for");
  const query = Object.fromEntries(needed.map(({ name, schema }) => [name, minimal(schema)]));
  return asked
    .filter(({ name }) => ID.test(name))
    .map(({ name }) => ({
      field: name,
      at: `query.${name}`,
      put: (id) => ({ ...query, [name]: id }),
    }));
}

/** @returns the fields of an operation's body that are ids, however deep. */
export function bodyPlaces({ body, example }: Operation): IdPlace[] {
  return body === null ? [] : placesIn(body, example, "body");
}

/** @returns the fields that are ids of a value of a schema; `example` is one such value, or none. */
export function placesIn(schema: Schema, example: unknown, at: string): IdPlace[] {
  const options = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (options !== undefined) {
    return options.flatMap((option) => placesIn(option, fits(option, example), at));
  }
  if (schema.items !== undefined) {
    const first = Array.isArray(example) ? example[0] : undefined;
    return placesIn(schema.items, first, at).map(({ put, ...place }) => ({
      ...place,
      put: (id) => [put(id)],
    }));
  }
  const whole = Object(isObject(example) ? example : minimal(schema));
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const within = ID.test(name)
      ? [{ field: name, at: `${at}.${name}`, put: (id: string) => (isList(inner) ? [id] : id) }]
      : placesIn(inner, whole[name], `${at}.${name}`);
    return within.map(({ put, ...place }) => ({
      ...place,
      put: (id: string) => ({ ...whole, [name]: put(id) }),
    }));
  });
}

/** @returns the example where it has all that an option requires. */
function fits({ required = [] }: Schema, example: unknown): unknown {
  const has = isObject(example) && required.every((name) => name in example);
  return has || Array.isArray(example) ? example : undefined;
}

function isList({ items }: Schema): boolean {
  return items !== undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
