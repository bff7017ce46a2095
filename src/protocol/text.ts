/** Text from outside that is to be stored: whole Unicode, so that every store keeps it exactly. */
import * as z from "zod";

/** No half of a surrogate pair, which UTF-8 can't hold, and no NUL, at which SQLite may cut. */
export const Text = z
  .string()
  .refine((text) => text.isWellFormed(), "must not hold half of a surrogate pair")
  .refine((text) => !text.includes("\u0000"), "must not hold a NUL character");
