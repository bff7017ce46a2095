/** What tests of forks do to a thread: say something in it, fork it, and list what its owner then has. */
import { expect } from "vitest";
import { ThreadPage } from "../../../src/protocol/api.ts";
import { Thread } from "../../../src/protocol/entities.ts";
import { ask } from "../http/ask.ts";
import type { Client } from "./client.ts";
import { Conversation } from "./conversation.ts";
import type { HeldModel } from "./held-model.ts";

/** Says something, and has it answered. @returns its question and its answer. */
export async function exchange(
  model: HeldModel,
  client: Client,
  [question, answer]: readonly [string, string],
  more: object = {},
) {
  const { message_id, run_id } = await client.say(question, more);
  (await model.turn(question)).end(answer);
  const { data } = await client.completed(run_id);
  return { question: message_id, answer: data.message_id };
}

/** Asks for a fork, as the thread's owner where nothing else is said. */
export function fork(thread: Conversation, body: object, asked: object = {}): Promise<Response> {
  return thread.ask("/fork", { body, ...asked });
}

/** @returns the fork, which must succeed. */
export async function forked(thread: Conversation, body: object): Promise<Conversation> {
  const response = await fork(thread, body);
  expect(response.status).toBe(201);
  return new Conversation(thread.owner, Thread.parse(await response.json()));
}

/** @returns the threads of somebody, the newest first. */
export async function threadsOf({ owner }: Pick<Conversation, "owner">): Promise<Thread[]> {
  const response = await ask("/api/threads?limit=100", { token: owner.access_token });
  return ThreadPage.parse(await response.json()).data;
}

export function contents(messages: readonly { readonly content: string }[]): string[] {
  return messages.map(({ content }) => content);
}
