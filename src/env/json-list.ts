/** Settings that hold lists: JSON in one variable. */
import * as z from "zod";

/** @returns a setting that holds a JSON list, in which no two items share what names them. */
export function jsonList<Item extends z.ZodType>(
  item: Item,
  nameOf: (given: z.output<Item>) => string,
) {
  return z
    .string()
    .default("[]")
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "must be JSON" });
        return z.NEVER;
      }
    })
    .pipe(z.array(item))
    .refine((list) => new Set(list.map(nameOf)).size === list.length, "must name each once");
}
