/** Settings that hold lists: JSON in one variable. */
import * as z from "zod";

/** A setting that holds JSON; of what shape, the next schema says. */
export const JsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "must be JSON" });
    return z.NEVER;
  }
});

/** @returns a setting that holds a JSON list, in which no two items share what names them. */
export function jsonList<Item extends z.ZodType>(
  item: Item,
  nameOf: (given: z.output<Item>) => string,
) {
  return z
    .string()
    .default("[]")
    .pipe(JsonText)
    .pipe(z.array(item))
    .refine((list) => new Set(list.map(nameOf)).size === list.length, "must name each once");
}
