/** The feed of a user's threads, as server-sent events. */
import type { Context } from "hono";
import { grantOf } from "../durable/grant.ts";
import { accountObjectName } from "../durable/names.ts";
import { FeedFrame } from "../protocol/account-feed.ts";
import type { Position } from "../protocol/position.ts";
import { connectObject } from "./ask-object.ts";
import { eventStream } from "./event-stream.ts";
import { framesOf } from "./frame-source.ts";
import { tellLog } from "./log-stream.ts";
import type { SignedInEnv } from "./router.ts";

/**
 * @param seconds after which the stream ends; if undefined, it stays open.
 * @throws {ApexError} the error that the Account object refused the socket with.
 */
export async function streamFeed(
  c: Context<SignedInEnv>,
  position: Position | null,
  seconds: number | undefined,
): Promise<Response> {
  const { principal } = c.var;
  const { userId, expiresAt } = principal;
  const account = () => c.env.ACCOUNTS.getByName(accountObjectName(userId));
  const grant = grantOf(principal);
  const upgrade = { expiresAt, grant, ticketId: null, subprotocol: null, position };
  const connection = await connectObject("feed", account, upgrade);
  const tell = tellLog<FeedFrame>((frame) =>
    frame.type === "feed_ready" ? frame.data.epoch : null,
  );
  return eventStream(c, framesOf(connection, FeedFrame), { tell, seconds });
}
