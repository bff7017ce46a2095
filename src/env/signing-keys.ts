/** The setting that holds key pairs: checked as a whole, told by the field, never by the value. */
import * as z from "zod";
import { PrivateJwk } from "../protocol/json-web-keys.ts";

/** A JSON array of private JWKs. What is wrong is told by the field: no value is ever shown. */
export const SigningKeys = z
  .string()
  .transform(parseJson)
  .pipe(
    z
      .array(PrivateJwk, "must be a JSON array of private keys (JWK)")
      .min(1, "must hold a key, or be unset")
      .refine(haveOwnKids, {
        message: "must hold keys that each have a kid of their own",
        when: ({ value }) => Array.isArray(value),
      }),
  );

/** @returns null where the text is no JSON: that is no array of keys either. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Asked of keys at fault too, so that all that is wrong with them is named together. */
function haveOwnKids(keys: readonly ({ readonly kid?: unknown } | null)[]): boolean {
  const kids = keys.map((key) => key?.kid);
  return new Set(kids).size === kids.length;
}
