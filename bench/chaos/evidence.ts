/** Gathers what is left of a conversation when the faults are over: log, history, rows, and what its user saw. */
import type { ApexClient } from "../../src/client/index.ts";
import { FinalStatus } from "../../src/protocol/entities.ts";
import { ApexError } from "../../src/protocol/errors.ts";
import type { LoggedEvent } from "../../src/protocol/events.ts";
import type { ErrorCode } from "../../src/protocol/failures.ts";
import { isLogged } from "../../src/protocol/frames.ts";
import type { ThreadId } from "../../src/protocol/ids.ts";
import { newPerson, type Person } from "../../test/e2e/person.ts";
import { followThread } from "../../test/e2e/recording.ts";
import { eventually } from "../../test/e2e/within.ts";
import { type AccountBooks, readBooks } from "./account-books.ts";
import { MessageRow, RunRow, readSaved, type SavedThread } from "./saved-rows.ts";
import { knowsEnd, type Tab } from "./tab.ts";
import type { Conversation } from "./talker.ts";

/** What one tab of the user was shown. */
export interface Transcript {
  /** Its events, over all its reconnects. */
  readonly seen: readonly LoggedEvent[];
  /** The messages as it shows them. */
  readonly shown: readonly { readonly id: string; readonly text: string }[];
  /** The pieces of answers that were streamed to it, by message, as they came: what was taken back too. */
  readonly written: readonly { readonly messageId: string; readonly text: string }[];
  /** The accepted runs whose end it does not know. */
  readonly openRuns: readonly string[];
  /** Why its connection ended for good, which nobody asked for; null where it did not. */
  readonly error: string | null;
}

/** One conversation from all its sides, as plain data. */
export interface Evidence {
  /** Names the conversation in a violation. */
  readonly where: string;
  readonly userId: string;
  readonly threadId: string;
  /** The server's log, read from its beginning. */
  readonly log: readonly LoggedEvent[];
  readonly transcripts: readonly Transcript[];
  /** The messages the client was promised, with the words that it was promised them for. */
  readonly accepted: readonly {
    readonly messageId: string;
    readonly runId: string;
    readonly content: string;
  }[];
  /** In the order they were said; no two are alike. */
  readonly said: readonly string[];
  /** Of it, what the server has said that it did not take. */
  readonly refused: readonly string[];
  /** The messages as the history API tells them, and every run of the log by `GET /api/runs/{id}`. */
  readonly history: SavedThread;
  /** The same as D1 holds it. */
  readonly saved: SavedThread;
  /** The status another user gets for the thread's messages; null where there was nobody else to try. */
  readonly strangersStatus: number | null;
  readonly account: AccountBooks;
}

const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "budget_exceeded",
  "quota_exceeded",
  "queue_full",
  "rate_limited",
  "thread_busy",
]);

export interface Witnesses {
  /** The product, up and unhurt. */
  readonly url: string;
  readonly stateDirectory: string;
  /** Of whom one who is not the conversation's own tries to read it. */
  readonly others: readonly Person[];
  /** Whether nobody says anything more. */
  readonly isOver: boolean;
}

/** @returns all sides of a conversation; null where no client ever learnt of its thread. */
export async function gather(
  conversation: Conversation,
  { url, stateDirectory, others, isOver }: Witnesses,
): Promise<Evidence | null> {
  const { tabs, accepted, said, refused } = conversation;
  const { threadId } = tabs[0].connection.view;
  if (threadId === null) return null;
  // Signed in anew: a long storm outlives a token.
  const person = await newPerson(url, conversation.person.email);
  const client = await person.client();
  const log = await wholeLog(person, threadId);
  const stranger = others.find((other) => other !== conversation.person);
  const peeker = stranger && (await newPerson(url, stranger.email));
  const peek = await peeker?.request("GET", `/api/threads/${threadId}/messages`);
  return {
    where: `thread ${threadId}`,
    userId: person.credentials.user.id,
    threadId,
    log,
    transcripts: tabs.map((tab) => ({
      seen: tab.frames.filter(isLogged),
      shown: tab.connection.view.messages.map(({ id, text }) => ({ id, text })),
      written: writtenTo(tab),
      openRuns: accepted.filter((run) => !knowsEnd(tab, run)).map(({ run_id }) => run_id),
      error: tab.connection.error && String(tab.connection.error),
    })),
    accepted: accepted.map(({ message_id, run_id, content }) => ({
      messageId: message_id,
      runId: run_id,
      content,
    })),
    said,
    refused: refused.filter(({ error }) => isRefusal(error)).map(({ content }) => content),
    history: await toldHistory(client, threadId, log),
    saved: await savedRows(stateDirectory, threadId, log),
    strangersStatus: peek?.status ?? null,
    account: await readBooks(client, { id: threadId, runs: endsIn(log), isLast: isOver }),
  };
}

/** What else ends the wait for a promise, as a socket that is gone, leaves open whether the message was taken. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApexError && REFUSALS.has(error.code);
}

function writtenTo({ frames }: Tab): Transcript["written"] {
  const pieces = frames.flatMap((frame) => (frame.type === "message_delta" ? [frame] : []));
  return [...Map.groupBy(pieces, ({ message_id }) => message_id)].map(([messageId, all]) => ({
    messageId,
    text: all.map(({ text }) => text).join(""),
  }));
}

const endsIn = (log: readonly LoggedEvent[]) =>
  log.filter(({ type }) => type === "agent_completed").length;

async function wholeLog(person: Person, threadId: ThreadId): Promise<LoggedEvent[]> {
  const stream = await followThread(person, threadId);
  const { data: ready } = await stream.frame("connection_ready");
  await eventually(
    () => stream.frames.filter(isLogged).length >= ready.last_seq || undefined,
    () => `thread ${threadId}: ${ready.last_seq} events are said to be there`,
  );
  stream.close();
  return stream.frames.filter(isLogged);
}

async function toldHistory(
  client: ApexClient,
  threadId: ThreadId,
  log: readonly LoggedEvent[],
): Promise<SavedThread> {
  const messages: MessageRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.messages.list(threadId, {
      limit: 20,
      order: "asc",
      ...(cursor !== undefined && { cursor }),
    });
    messages.push(...page.data.map((message) => MessageRow.parse(message)));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  const runs: RunRow[] = [];
  for (const { type, data } of log) {
    if (type === "message_accepted") runs.push(RunRow.parse(await client.runs.get(data.run_id)));
  }
  return { messages, runs };
}

/** Waits until the outbox has brought every run's end, as it does by itself; the verdict names what is missing. */
async function savedRows(
  stateDirectory: string,
  threadId: ThreadId,
  log: readonly LoggedEvent[],
): Promise<SavedThread> {
  const runs = log.filter(({ type }) => type === "message_accepted").length;
  let saved = readSaved(stateDirectory, threadId);
  await eventually(
    () => {
      saved = readSaved(stateDirectory, threadId);
      const ended = saved.runs.filter(({ status }) => FinalStatus.safeParse(status).success);
      return ended.length >= runs || undefined;
    },
    () => `${saved.runs.length} of ${runs} runs in D1`,
  ).catch(() => undefined);
  return saved;
}
