/** The route that exports a thread's log: its events, with a hash chain and a signature. */
import * as z from "zod";
import { keyRing } from "../../auth/signing-keys.ts";
import { ApexError } from "../../protocol/errors.ts";
import { ThreadId } from "../../protocol/ids.ts";
import { askThread } from "../ask-thread.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { assertThread } from "../known-thread.ts";
import { logLines, type ReadLog } from "../log-lines.ts";
import { linesStream, NDJSON } from "../ndjson.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";

const read = defineRoute({
  method: "get",
  path: "/api/threads/{id}/log",
  tags: ["Threads"],
  ...requires("threads:read"),
  summary: "A thread's log, so that anybody can prove it whole",
  description:
    "Lines of JSON: a `head` (the thread, the epoch, the first seq and the hash before it), each `event` with its hash, which is the SHA-256 of the hash before and the event's canonical JSON (RFC 8785), and an `end` with the last hash, signed (JWS) by the key that signs access tokens: its public half is at /.well-known/jwks.json. Where tokens are signed by a shared secret, `verifiable_by` says `operator`: nobody else can check the signature. `npm run -s verify-log` checks it all offline, and names the seq that was touched. Events that the journal has forgotten are not in it; the hash before the first one that is kept stands for them. An export without an `end` was cut off by a failure.",
  request: { params: z.object({ id: ThreadId }) },
  responses: {
    200: { description: "The lines", content: { [NDJSON]: { schema: z.string() } } },
    ...problems("unauthenticated", "token_invalid", "token_expired", "session_ended"),
    ...problems("forbidden", "not_found", "unavailable"),
  },
});

/** @returns the route that exports a thread's log. */
export function threadLogRoutes() {
  const router = createRouter();
  router.openapi(read, async (c) => {
    const { id } = c.req.valid("param");
    const { userId, voucher } = c.var.principal;
    await assertThread(c.env, userId, id);
    await audit(c, { userId, voucher, action: "thread_exported", subject: id });
    const readPage: ReadLog = async (after) => {
      const page = await askThread(c, id, (thread) => thread.readLog(after));
      if (!page.ok) throw ApexError.fromProblem(page.problem);
      return page.value;
    };
    const lines = logLines(id, await readPage(null), readPage, keyRing(c.var.config));
    return c.newResponse(linesStream(lines), 200, {
      "Content-Type": `${NDJSON}; charset=utf-8`,
      "Content-Disposition": 'attachment; filename="apex-edge-log.ndjson"',
    });
  });
  return router;
}
