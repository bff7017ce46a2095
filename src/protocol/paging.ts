/** Lists in pages: by cursor, which nothing that is added or removed meanwhile confuses, or by number. */
import * as z from "zod";
import { DEFAULT_PAGE, MAX_PAGE, MAX_PAGE_NUMBER } from "./limits.ts";

const cursor = z.string().min(1).max(256).optional();

/** The size and start of a page. Query strings hold text, so numbers are parsed from it. */
export const CursorQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  cursor: cursor.describe("The next_cursor of the page before"),
  after: cursor.describe("The same as cursor"),
});
export type CursorQuery = z.infer<typeof CursorQuery>;

/** As {@link CursorQuery}, or by the number of a page, from 1: then the answer counts the pages too. */
export const PageQuery = CursorQuery.extend({
  page: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_PAGE_NUMBER)
    .optional()
    .describe("In place of a cursor"),
});
export type PageQuery = z.infer<typeof PageQuery>;

export const Order = z.enum(["asc", "desc"]).describe("asc: oldest first; desc: newest first");
export type Order = z.infer<typeof Order>;

const count = z.number().int().min(0).optional();

/** A page of a list; `next_cursor` is null on the last one. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
    page: count.describe("Where a page was asked for by its number, as are the following"),
    limit: count,
    total: count.describe("How much the whole list holds"),
    pages: count,
  });
}

/** What a page tells beside its data if it was requested by its number. */
export interface Numbering {
  readonly page: number;
  readonly limit: number;
  readonly total: number;
}

/** @returns the page up to the item that `next_cursor` continues after. */
export function pageWith<Item>(data: Item[], next_cursor: string | null, numbering?: Numbering) {
  const told = { data, has_more: next_cursor !== null, next_cursor };
  if (numbering === undefined) return told;
  return { ...told, ...numbering, pages: Math.ceil(numbering.total / numbering.limit) };
}
