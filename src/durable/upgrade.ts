/**
 * How the Worker opens a socket at a Durable Object. The Worker has authenticated the client; this is how it
 * passes on who that is. Objects cannot be reached from outside, so they can rely on what is said here.
 */
import * as z from "zod";
import type { Log } from "../core/log.ts";
import { Written } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import { Epoch, ResumeSeq } from "../protocol/ids.ts";
import { problemOf } from "../protocol/problem-of.ts";
import { addToLogContext, LogContext, logContext } from "../telemetry/log.ts";
import { Grant } from "./grant.ts";

/** What the Worker knows about a request to open a socket, and passes to the object. */
const Upgrade = z.object({
  /** Unix time in seconds at which the token that opens the socket runs out. */
  expiresAt: z.number(),
  /** What the user who opens the socket is allowed to do. */
  grant: Grant,
  /** The id of the one-time ticket, where the client came with one instead of a token. */
  ticketId: z.string().nullable(),
  /** The WebSocket subprotocol to accept, where the client offered one. */
  subprotocol: z.string().nullable(),
  /** The last event the client has seen, or null to be sent the log from its beginning. */
  position: z.object({ epoch: Epoch, after: ResumeSeq }).nullable(),
  /** How much the client already has of an answer that is still being written. */
  written: Written.optional(),
});
export type Upgrade = z.infer<typeof Upgrade>;

/**
 * The header that carries it. {@link upgradeRequest} builds a new request, without the client's headers, so a
 * client that sends this header itself achieves nothing.
 */
const UPGRADE_HEADER = "x-apex-upgrade";

const UpgradeHeader = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(Upgrade.extend({ context: LogContext.default({}) }));

/** @returns the request that opens a socket, to be passed to the `fetch` of an object's stub. */
export function upgradeRequest(upgrade: Upgrade): Request {
  const header = JSON.stringify({ ...upgrade, context: logContext() });
  const headers = { Upgrade: "websocket", [UPGRADE_HEADER]: header };
  return new Request("https://object/socket", { headers });
}

/**
 * Answers a request made by {@link upgradeRequest}; any other request is refused with `upgrade_required`.
 * @param open accepts the socket and returns the 101; what it throws is answered as problem details.
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
