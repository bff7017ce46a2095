/** The API's version: the date it was made. A header asks for it, and tells it in answers. */
import { createMiddleware } from "hono/factory";
import { ApexError } from "../protocol/errors.ts";

export const API_VERSION_HEADER = "Apex-Version";

/** Every version that is served, oldest first. Clients that ask for none get the newest. */
const API_VERSIONS: readonly [string, ...string[]] = ["2026-11-21"];
export const API_VERSION = API_VERSIONS.at(-1) ?? API_VERSIONS[0];

/**
 * Adds the version to every answer.
 * @throws {ApexError} `invalid_fields` if the request asks for another one.
 */
export const versioned = createMiddleware(async (c, next) => {
  const asked = c.req.header(API_VERSION_HEADER);
  c.header(API_VERSION_HEADER, API_VERSION);
  if (asked !== undefined && !API_VERSIONS.includes(asked)) {
    const message = `must be one of: ${API_VERSIONS.join(", ")}`;
    throw new ApexError("invalid_fields", `The header ${API_VERSION_HEADER} ${message}.`, {
      errors: [{ field: API_VERSION_HEADER, message }],
    });
  }
  await next();
});
