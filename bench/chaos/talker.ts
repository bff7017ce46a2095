/** A user who talks through it all, in one tab or two, and remembers every promise. */
import { setTimeout as sleep } from "node:timers/promises";
import type { AcceptedMessage, ApexClient } from "../../src/client/index.ts";
import { newPerson, type Person } from "../../test/e2e/person.ts";
import { signedInClient } from "../signed-in-client.ts";
import type { Random } from "./random.ts";
import { knowsEnd, openTab, type Tab } from "./tab.ts";

/** Short enough that a thread's whole log is one replay. */
const MESSAGES_A_THREAD = 25;
/** After so long a user says the next thing, whatever became of the last; in milliseconds. */
const PATIENCE_MS = 30_000;
const LONGEST_THOUGHT_MS = 1_000;
const SIGN_IN_AGAIN_MS = 500;

/** A message that was not promised to be taken, and why. */
export interface Refused {
  readonly content: string;
  readonly error: unknown;
}

/** A message that was promised to be taken, and its words. */
export interface Promised extends AcceptedMessage {
  readonly content: string;
}

export interface Conversation {
  readonly person: Person;
  /** The first one talks, the others watch. */
  readonly tabs: readonly [Tab, ...Tab[]];
  readonly accepted: readonly Promised[];
  /** Every text that was handed to the SDK, acknowledged or not, in their order; no two are alike. */
  readonly said: readonly string[];
  /** What the SDK could not promise that it was taken. */
  readonly refused: readonly Refused[];
}

export interface TalkerOptions {
  /** The product itself, and the product behind a network that fails. */
  readonly directUrl: string;
  readonly faultyUrl: string;
  readonly random: Random;
  /** Ends the talk; the connections stay open. */
  readonly stopping: AbortSignal;
}

/** Talks until told to stop. @returns its conversations. */
export async function talk(options: TalkerOptions): Promise<readonly Conversation[]> {
  const { directUrl, random, stopping } = options;
  const person = await signIn(directUrl, stopping);
  const client = clientOf(person, options);
  const conversations: Conversation[] = [];
  while (!stopping.aborted) {
    const chance = random.branch(`conversation ${conversations.length}`);
    await converse(person, client, chance, stopping, conversations);
  }
  return conversations;
}

/** Signs in a new user, once the product lets it: it may be down, or its database fail just now. */
async function signIn(url: string, stopping: AbortSignal): Promise<Person> {
  for (;;) {
    try {
      return await newPerson(url);
    } catch (error) {
      if (stopping.aborted) throw error;
      await sleep(SIGN_IN_AGAIN_MS);
    }
  }
}

async function converse(
  person: Person,
  client: ApexClient,
  random: Random,
  stopping: AbortSignal,
  conversations: Conversation[],
): Promise<void> {
  const first = openTab(client, null);
  const tabs: [Tab, ...Tab[]] = [first];
  const accepted: Promised[] = [];
  const said: string[] = [];
  const refused: Refused[] = [];
  const number = conversations.push({ person, tabs, accepted, said, refused });
  const { connection } = first;
  const pause = (milliseconds: number) =>
    sleep(milliseconds, undefined, { signal: stopping }).catch(() => undefined);

  async function say(cancelAfterMs: number | null): Promise<void> {
    const content = `${person.email} says number ${said.length} in ${number}`;
    said.push(content);
    try {
      const promise = await connection.send(content);
      accepted.push({ ...promise, content });
      if (cancelAfterMs !== null) {
        await pause(cancelAfterMs);
        connection.cancel(promise.run_id);
      }
      const giveUp = AbortSignal.any([stopping, AbortSignal.timeout(PATIENCE_MS)]);
      await first.until(() => knowsEnd(first, promise), giveUp);
    } catch (error) {
      refused.push({ content, error });
    }
  }

  const watched = random.chance(0.3);
  await first.until(() => connection.view.threadId !== null, stopping);
  if (watched && connection.view.threadId) tabs.push(openTab(client, connection.view.threadId));
  while (said.length < MESSAGES_A_THREAD && !stopping.aborted) {
    // All is drawn before anything waits, so that no timing changes what is drawn next.
    const cancels = Array.from({ length: random.chance(0.2) ? 2 : 1 }, () =>
      random.chance(0.1) ? random.between(0, 2_000) : null,
    );
    const thought = random.between(0, LONGEST_THOUGHT_MS);
    await Promise.all(cancels.map(say));
    await pause(thought);
  }
}

/**
 * @returns the SDK behind the faulty network, but for renewals: they go direct, for a refresh token
 * serves once, so that by design a session ends where the answer to its renewal is lost.
 */
function clientOf(person: Person, { directUrl, faultyUrl }: TalkerOptions): ApexClient {
  return signedInClient(person, faultyUrl, (url, init) =>
    fetch(url.replace(`${faultyUrl}/api/auth/refresh`, `${directUrl}/api/auth/refresh`), init),
  );
}
