/** Holds a finished conversation to all that it was promised: its log, its history, D1 and its user's screen. */
import { setTimeout as sleep } from "node:timers/promises";
import { gather, type Witnesses } from "../chaos/evidence.ts";
import { settle } from "../chaos/settle.ts";
import type { Conversation } from "../chaos/talker.ts";
import { judge, judgeAbsence, type Verdict } from "../chaos/verdict.ts";

/** For so long nothing new must have come before a transcript counts as finished, in milliseconds. */
const QUIET_MS = 500;

/** @returns the violations of one conversation; its connections are closed then. */
export async function verify(conversation: Conversation, witnesses: Witnesses): Promise<Verdict> {
  await settle([conversation]);
  await untilQuiet(conversation);
  const evidence = await gather(conversation, witnesses);
  for (const { connection } of conversation.tabs) connection.close();
  return evidence === null ? judgeAbsence(conversation.person.email) : judge(evidence);
}

/** What follows the end of a run, as the thread's title does, comes a moment later. */
async function untilQuiet({ tabs }: Conversation): Promise<void> {
  const count = () => tabs.reduce((sum, { frames }) => sum + frames.length, 0);
  for (let before = -1; before !== count(); ) {
    before = count();
    await sleep(QUIET_MS);
  }
}
