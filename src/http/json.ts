/** JSON in route definitions: the request body and the answer. */
import type * as z from "zod";

/** @returns the `request.body` of a route that needs a JSON body. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } };
}

/** @returns a response of a route that answers with JSON. */
export function jsonAnswer<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } };
}
