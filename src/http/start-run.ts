/** Accepts a message whose thread is named in the body, or which starts a new thread. */
import type { Context } from "hono";
import { AcceptedMessage } from "../protocol/api.ts";
import { ApexError } from "../protocol/errors.ts";
import type { StartRunBody } from "../protocol/runs.ts";
import type { Accepted } from "../thread/rpc.ts";
import { acceptMessage } from "./accept-message.ts";
import { inNewThread } from "./new-thread.ts";
import type { SignedInEnv } from "./router.ts";
import { acceptsEventStream, addressOf, tryToStream, waitForRun } from "./run-stream.ts";

/**
 * Accepts a message. A new thread is deleted again if its message is refused.
 * @throws {ApexError} as {@link acceptMessage}.
 */
export async function startRun(
  c: Context<SignedInEnv>,
  { thread_id, content, message = "", ...choice }: StartRunBody,
): Promise<Accepted> {
  const said = { ...choice, content: content ?? message };
  if (thread_id !== undefined) return await acceptMessage(c, thread_id, said);
  return await inNewThread(
    c.env,
    c.var.principal.userId,
    (id) => acceptMessage(c, id, said),
    (error) => ApexError.from(error).status < 500,
  );
}

/** @returns the run as a stream if the client asks for one, or its result if the client waits for that. */
export async function answerRun(
  c: Context<SignedInEnv>,
  accepted: Accepted,
  wait: number | undefined,
) {
  if (acceptsEventStream(c)) {
    const stream = await tryToStream(c, accepted);
    if (stream !== null) return stream;
  }
  const headers = { Location: addressOf(accepted) };
  const run = wait === undefined ? null : await waitForRun(c, accepted, wait);
  if (run !== null) return c.json(run, 200, headers);
  return c.json(AcceptedMessage.parse(accepted), 202, headers);
}
