/** How the Worker opens a socket at an object: it says who is let in, and the object believes no one else. */
import * as z from "zod";
import type { Log } from "../core/log.ts";
import { Written } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import { Epoch, ResumeSeq } from "../protocol/ids.ts";
import { problemOf } from "../protocol/problem-of.ts";
import { addToLogContext, LogContext, logContext } from "../telemetry/log.ts";
import { Grant } from "./grant.ts";

/** What the Worker found out about a request to open a socket, and hands to the object. */
const Upgrade = z.object({
  /** Unix time in seconds at which the token that opens the socket runs out. */
  expiresAt: z.number(),
  /** What is granted to who opens it. */
  grant: Grant,
  /** The one-time ticket's id, where a ticket opens the socket. */
  ticketId: z.string().nullable(),
  /** The subprotocol to answer with, where the client offered one. */
  subprotocol: z.string().nullable(),
  /** Where the socket resumes, or null for the log's beginning. */
  position: z.object({ epoch: Epoch, after: ResumeSeq }).nullable(),
  /** What it has of the answer that is being written. */
  written: Written.optional(),
});
export type Upgrade = z.infer<typeof Upgrade>;

/** The header that carries it; the request is made anew, so a client's own never reaches the object. */
const UPGRADE_HEADER = "x-apex-upgrade";

const UpgradeHeader = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(Upgrade.extend({ context: LogContext.default({}) }));

/** @returns the request that opens a socket at an object, to be given to its `fetch`. */
export function upgradeRequest(upgrade: Upgrade): Request {
  const header = JSON.stringify({ ...upgrade, context: logContext() });
  const headers = { Upgrade: "websocket", [UPGRADE_HEADER]: header };
  return new Request("https://object/socket", { headers });
}

/**
 * Answers a request made by {@link upgradeRequest}; any other is told `upgrade_required`.
 * @param open gives the 101; what it throws becomes problem details.
 */
export async function answerUpgrade(
  request: Request,
  log: Log,
  open: (upgrade: Upgrade) => Response | Promise<Response>,
): Promise<Response> {
  try {
    const { context, ...upgrade } = readUpgrade(request);
    addToLogContext(context);
    return await open(upgrade);
  } catch (error) {
    if (!(error instanceof ApexError)) log.error("upgrade.failed", error);
    const problem = problemOf(ApexError.from(error));
    return Response.json(problem, { status: problem.status });
  }
}

function readUpgrade(request: Request) {
  const upgrade = UpgradeHeader.safeParse(request.headers.get(UPGRADE_HEADER) ?? "null");
  if (upgrade.success && request.headers.get("Upgrade") === "websocket") return upgrade.data;
  throw new ApexError("upgrade_required", "Open a WebSocket here.");
}
