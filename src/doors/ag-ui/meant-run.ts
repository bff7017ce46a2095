/** Which run an AG-UI client means: a new one, one that goes on with results of its page, or one that is there. */
import type { Context } from "hono";
import { acceptMessage } from "../../http/accept-message.ts";
import { askThread } from "../../http/ask-thread.ts";
import type { FollowedRun } from "../../http/follow-run.ts";
import type { SignedInEnv } from "../../http/router.ts";
import type { Message } from "../../protocol/entities.ts";
import { ClientMessageId, type MessageId, type ThreadId } from "../../protocol/ids.ts";
import { continueThread, followed } from "../begin-run.ts";
import { threadMessages } from "../thread-messages.ts";
import { unendedRun } from "../unended-run.ts";
import type { AgUiMessage } from "./events.ts";
import type { Asked, PageResults } from "./run-input.ts";

/** The run, and how its client comes to it. */
interface MeantRun extends FollowedRun {
  /** Whether the client has a part of it already. */
  readonly joins: boolean;
  /** The conversation before the run's own messages. */
  readonly before: readonly AgUiMessage[];
}

/** How the client asks for it. */
interface Choice {
  readonly agent: string | undefined;
  /** The client's name for the run: the same one again is the same run. */
  readonly runId: string;
}

/** @throws {ApexError} as {@link acceptMessage}; `invalid_fields` where a result is missing. */
export async function meantRun(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  asked: Asked,
  choice: Choice,
): Promise<MeantRun> {
  const { id, content, before, rejoins, results } = asked;
  const continued = results && (await goOn(c, threadId, { ...asked, results }, choice));
  if (continued !== null) return continued;
  const said = saidBy(content, choice.agent);
  const key = ClientMessageId.parse(id);
  const caller = broughtBy(asked);
  const accepted = await acceptMessage(c, threadId, { ...said, client_message_id: key }, caller);
  if (!accepted.repeated || rejoins) return { ...followed(accepted), joins: rejoins, before };

  const standing = await standingFor(c, threadId, accepted.message_id);
  const underWay = standing && (await unendedRun(c, threadId, standing.run_id));
  if (underWay) return { ...underWay, joins: false, before };
  const again = await acceptMessage(
    c,
    threadId,
    {
      ...said,
      client_message_id: ClientMessageId.parse(`again:${choice.runId}`.slice(0, 128)),
      replaces: standing?.id ?? accepted.message_id,
    },
    caller,
  );
  return { ...followed(again), joins: false, before };
}

/** @returns the run that the page's results belong to; null where nothing waits, or waited, for them. */
async function goOn(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  asked: Asked & { readonly results: PageResults },
  { agent }: Choice,
): Promise<MeantRun | null> {
  const { runId, turns, before } = asked.results;
  const key = ClientMessageId.parse(`results:${runId}`);
  const open = await askThread(c, threadId, (thread) => thread.openTurn(runId));
  const last = open?.turns.at(-1);
  const waitsFor = last?.role === "assistant" ? last.calls.map(({ call_id }) => call_id) : [];
  if (turns.some((turn) => turn.role === "tool" && waitsFor.includes(turn.call_id))) {
    const caller = { ...broughtBy(asked), after: [...turns] };
    const goesOn = { question: asked.content, caller };
    const accepted = await continueThread(c, { threadId, runId }, goesOn, { agent, key });
    return { ...followed(accepted), joins: false, before };
  }
  if (open !== null) return null;
  // Somebody sent them before: the run is found by what it was begun with.
  const begun = await askThread(c, threadId, (thread) => thread.findRun({ saidUnder: key }));
  if (begun === null) return null;
  const { run, position } = begun;
  return { threadId, runId: run.id, position, joins: true, before };
}

/** @returns the question that stands in the place of one that was taken before. */
async function standingFor(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  messageId: MessageId,
): Promise<Message | undefined> {
  const messages = await threadMessages(c, threadId, { order: "desc", superseded: "include" });
  const byId = new Map(messages.map((message) => [message.id, message]));
  let standing = byId.get(messageId);
  while (standing?.superseded_by) standing = byId.get(standing.superseded_by);
  return standing;
}

function saidBy(content: string, agent: string | undefined) {
  return { content, ...(agent !== undefined && { agent }) };
}

function broughtBy({ tools }: Asked) {
  return { instructions: null, before: [], after: [], tools: [...tools] };
}
