/** A conversation on a beat: its user speaks when it is time, whether or not the last answer is there. */
import { setTimeout as sleep } from "node:timers/promises";
import { openTab } from "../chaos/tab.ts";
import type { Conversation, Promised, Refused } from "../chaos/talker.ts";
import type { Member } from "./member.ts";
import { Stopwatch, type Turn } from "./turn.ts";

/** Short enough that a thread's whole log is one replay. */
export const MOST_MESSAGES = 25;
/** What the members ask in turns: small talk, and a question whose answer a tool computes. */
const QUESTIONS = ["Hello, what can you do?", "Where does our money go, by team?"];

export interface Beat {
  /** Between two messages of one user, in milliseconds. */
  readonly everyMs: number;
  /** Until the first one. */
  readonly afterMs: number;
  /** @returns how long after a message its socket is cut, in milliseconds; null leaves it alone. */
  readonly cutAfter?: () => number | null;
}

export interface Spoken {
  readonly conversation: Conversation;
  readonly turns: readonly Turn[];
}

/** Speaks in a thread of its own, until told to stop or the thread is long. Its tab stays open. */
export async function converse(
  member: Member,
  { everyMs, afterMs, cutAfter = () => null }: Beat,
  stopping: AbortSignal,
): Promise<Spoken> {
  const { person, client, cut } = member;
  const stopwatch = new Stopwatch();
  const tab = openTab(client, null, (frame) => stopwatch.hear(frame));
  const { connection } = tab;
  const accepted: Promised[] = [];
  const said: string[] = [];
  const refused: Refused[] = [];
  const sending: Promise<void>[] = [];
  await tab.until(() => connection.view.threadId !== null, stopping);

  async function say(text: string): Promise<void> {
    said.push(text);
    stopwatch.sent(text);
    try {
      accepted.push({ ...(await connection.send(text)), content: text });
    } catch (error) {
      refused.push({ content: text, error });
      stopwatch.refused(text, String(error));
    }
  }

  const begun = performance.now() + afterMs;
  for (let number = 0; number < MOST_MESSAGES; number += 1) {
    const wait = begun + number * everyMs - performance.now();
    await sleep(Math.max(0, wait), undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) break;
    // The thread keeps apart those of one user, and the address those of two.
    const text = `${QUESTIONS[number % QUESTIONS.length]} [${connection.view.threadId} ${number}]`;
    sending.push(say(text));
    const cutMs = cutAfter();
    if (cutMs !== null) void sleep(cutMs).then(cut);
  }
  await Promise.all(sending);
  return { conversation: { person, tabs: [tab], accepted, said, refused }, turns: stopwatch.turns };
}
