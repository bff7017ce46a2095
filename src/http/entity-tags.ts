/** Entity tags: if a client has the current version, it gets a 304 without a body (RFC 9110, section 13.1.2). */
import { etag, RETAINED_304_HEADERS } from "hono/etag";
import { createMiddleware } from "hono/factory";

const tagged = etag({
  retainedHeaders: [
    ...RETAINED_304_HEADERS,
    "access-control-allow-credentials",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "apex-version",
    "ratelimit",
    "ratelimit-policy",
    "traceresponse",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
  ],
});

/** Tags complete answers. A stream gets no tag, as it would have to be read to its end first. */
export const entityTagged = createMiddleware(async (c, next) => {
  await next();
  const type = c.res.headers.get("content-type") ?? "";
  if (c.res.status === 200 && type.startsWith("application/json")) {
    await tagged(c, () => Promise.resolve());
  }
});
