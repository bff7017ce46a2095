/** The setting that says which databases the history of which users is in. */
import * as z from "zod";
import { JsonText } from "./json-list.ts";

/** The binding of the database that all but the history is in; the history too, where nothing else is said. */
export const MAIN_DATABASE = "DB";

/** When the first era begins: no identifier was made before. */
const BEGINNING = "1970-01-01T00:00:00Z";

/** Short, because links to shared threads hold it. */
const BindingName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,31}$/, "must be the name of a binding");

const Era = z.strictObject({
  /** When it begins, in milliseconds since the Unix epoch: a user belongs to the era that their id was made in. */
  from: z.iso
    .datetime({ offset: true, error: "must be a moment, as 2027-01-01T00:00:00Z" })
    .transform((moment) => Date.parse(moment)),
  /** The bindings that its users are spread over, in an order that never changes. */
  databases: z
    .tuple([BindingName], BindingName)
    .refine((names) => new Set(names).size === names.length, "must name each database once"),
});

/** Eras in the order in which they begin, the first at the beginning of time. */
export const HistoryShards = JsonText.pipe(z.tuple([Era], Era))
  .refine(([first]) => first.from === Date.parse(BEGINNING), {
    message: `must begin with an era from ${BEGINNING}: nobody is to be without one`,
  })
  .refine((eras) => eras.every(({ from }, index) => from > (eras[index - 1]?.from ?? -1)), {
    message: "must have its eras in the order in which they begin",
  });
export type HistoryShards = z.output<typeof HistoryShards>;

/** All users' history in the one database. */
export const UNSHARDED: HistoryShards = [{ from: 0, databases: [MAIN_DATABASE] }];

/** @returns the bindings that any era names, each once. */
export function namedDatabases(eras: HistoryShards): string[] {
  return [...new Set(eras.flatMap(({ databases }) => databases))];
}

/** @returns the names of the bindings that are databases of D1. */
export function boundDatabases(env: object): string[] {
  return Object.entries(env).flatMap(([name, binding]) => (isDatabase(binding) ? [name] : []));
}

/** @returns whether a binding is a database of D1, told by what it can do. */
export function isDatabase(binding: unknown): binding is D1Database {
  if (typeof binding !== "object" || binding === null || !("prepare" in binding)) return false;
  return typeof binding.prepare === "function";
}
