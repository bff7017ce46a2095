/** The way from what a foreign client asks to a run: in a thread it names, or in one made for this. */
import type { Context } from "hono";
import { acceptMessage } from "../http/accept-message.ts";
import { askThread } from "../http/ask-thread.ts";
import type { FollowedRun } from "../http/follow-run.ts";
import { assertThread } from "../http/known-thread.ts";
import type { SignedInEnv } from "../http/router.ts";
import type { AcceptedMessage, PostMessageBody } from "../protocol/api.ts";
import type { CallerContext, CallerTurn } from "../protocol/caller.ts";
import { ApexError } from "../protocol/errors.ts";
import { ClientMessageId, type RunId, type ThreadId } from "../protocol/ids.ts";
import type { Accepted } from "../thread/rpc.ts";
import { inOwnThread } from "./own-thread.ts";
import type { Asked } from "./transcript.ts";

/** So much of an answer is shown to who is asked for a better one, in characters. */
const MAX_ANSWER_LENGTH = 64_000;

/** What a run is begun with, beside what is asked. */
interface Beginning {
  readonly agent: string | undefined;
  /** Under which the same question is taken once. */
  readonly key: ClientMessageId | undefined;
}

/** A run that was begun, and what it was begun with: it may have to be asked for once more. */
export type Begun = Accepted & Said;

/** What a run was begun with. */
export interface Said {
  readonly said: { readonly message: PostMessageBody; readonly context: CallerContext };
}

/**
 * Begins a run in an existing thread. The history is the one on the server: of a transcript that the client
 * sends, only the last message counts, or the results of the tool calls that a run of this thread ended with.
 * @param runId the run that asked for the tool results; null for the newest run.
 * @throws {ApexError} as {@link acceptMessage}; `invalid_fields` if a result is missing, or none is expected.
 */
export async function continueThread(
  c: Context<SignedInEnv>,
  thread: { readonly threadId: ThreadId; readonly runId: RunId | null },
  { question, caller }: Asked,
  { agent, key }: Beginning,
  replaces?: PostMessageBody["replaces"],
): Promise<Begun> {
  const { threadId, runId } = thread;
  const message = {
    content: question,
    ...(agent !== undefined && { agent }),
    ...(key !== undefined && { client_message_id: key }),
    ...(replaces !== undefined && { replaces }),
  };
  const context = { ...caller, before: [] };
  if (caller.after.length === 0) return await begin(c, threadId, { message, context });
  await assertThread(c.env, c.var.principal.userId, threadId);
  const open = await askThread(c, threadId, (object) => object.openTurn(runId));
  if (open === null) throw unexpected("no call of this thread waits for a result");
  const after = [...open.turns, ...resultsOf(open.turns.at(-1), caller.after)];
  const { question: content, message_id } = open;
  return await begin(c, threadId, {
    message: { ...message, content, replaces: message_id },
    context: { ...context, after },
  });
}

/**
 * Begins a run in a new thread, whose history is the transcript that the client sent.
 * @throws {ApexError} as {@link acceptMessage}; `forbidden` if the user may not create threads.
 */
export async function beginThread(
  c: Context<SignedInEnv>,
  { question, caller }: Asked,
  { agent, key }: Beginning,
): Promise<Begun> {
  const message = {
    content: question,
    ...(agent !== undefined && { agent }),
    ...(key !== undefined && { client_message_id: key }),
  };
  return await inOwnThread(c, key, (id) => begin(c, id, { message, context: caller }));
}

/**
 * Has a question answered again after an unusable answer, which the new one replaces. A run is repeated only once.
 * @param fault what the agent is told about the unusable answer.
 * @throws {ApexError} as {@link acceptMessage}.
 */
export async function askAgain(
  c: Context<SignedInEnv>,
  { said, thread_id, run_id, message_id }: Said & AcceptedMessage,
  answer: string,
  fault: string,
): Promise<FollowedRun> {
  const { message, context } = said;
  const after: CallerTurn[] = [
    ...context.after,
    { role: "assistant", content: answer.slice(0, MAX_ANSWER_LENGTH), calls: [] },
    { role: "user", content: fault },
  ];
  const again = { ...message, client_message_id: mendingKey(run_id), replaces: message_id };
  return followed(await acceptMessage(c, thread_id, again, { ...context, after }));
}

/** @returns the run of an accepted message, in the form that `followRun` takes. */
export function followed({ thread_id, run_id, position }: Accepted): FollowedRun {
  return { threadId: thread_id, runId: run_id, position };
}

/** @returns the idempotency key under which a run's question is asked again, so that it happens only once. */
export function mendingKey(runId: RunId): ClientMessageId {
  return ClientMessageId.parse(`mend:${runId}`);
}

async function begin(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  said: Begun["said"],
): Promise<Begun> {
  return { ...(await acceptMessage(c, threadId, said.message, said.context)), said };
}

/** @returns one result for each call of a turn. */
function resultsOf(
  asking: CallerTurn | undefined,
  given: CallerContext["after"],
): readonly CallerTurn[] {
  const calls = asking?.role === "assistant" ? asking.calls : [];
  return calls.map(({ call_id }) => {
    const result = given.find((turn) => turn.role === "tool" && turn.call_id === call_id);
    if (result === undefined) throw unexpected(`the result of the call "${call_id}" is missing`);
    return result;
  });
}

function unexpected(message: string): ApexError {
  return new ApexError("invalid_fields", `These tool results do not fit: ${message}.`, {
    errors: [{ field: "messages", message }],
  });
}
