/** The export of everything a user has, as a stream that never holds more than a page. */
import * as z from "zod";
import { ExportLine } from "../../protocol/account.ts";
import { ApexError } from "../../protocol/errors.ts";
import { Accounts } from "../../store/accounts.ts";
import { openDatabase } from "../../store/database.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { exportLines } from "../export-lines.ts";
import { linesStream, NDJSON } from "../ndjson.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";

const KINDS = ExportLine.options.map(({ shape }) => `\`${shape.kind.value}\``).join(", ");

const read = defineRoute({
  method: "get",
  path: "/api/account/export",
  tags: ["Account"],
  ...requires("account:read"),
  summary: "Everything that is kept of one, as lines of JSON",
  description: `One thing a line, each with its \`kind\`: \`export\` (the user) first; the kinds are ${KINDS}. \`usage\` has the rows of a workspace of one's own. Of each \`thread\` come its \`message\`s, replaced ones too, and their \`run\`s, whose answers are among the messages, with the \`report\`s they made. The last line, \`end\`, has the number of all lines: an export without it was cut off by a failure, and is to be asked for again.`,
  responses: {
    200: { description: "The lines", content: { [NDJSON]: { schema: z.string() } } },
    ...problems("unauthenticated", "token_invalid", "token_expired", "session_ended"),
  },
});

/** @returns the route that exports one's data. */
export function exportRoutes() {
  const router = createRouter();
  router.openapi(read, async (c) => {
    const { userId, voucher } = c.var.principal;
    const user = await new Accounts(openDatabase(c.env.DB)).findById(userId);
    if (user === null) throw new ApexError("session_ended", "The account no longer exists.");
    await audit(c, { userId, action: "data_exported", voucher });
    return c.newResponse(linesStream(exportLines(c.env, user)), 200, {
      "Content-Type": `${NDJSON}; charset=utf-8`,
      "Content-Disposition": 'attachment; filename="apex-edge-export.ndjson"',
    });
  });
  return router;
}
