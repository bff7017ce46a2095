/** A user who talks through it all, and remembers every frame and every promise. */
import { setTimeout as sleep } from "node:timers/promises";
import { type AcceptedMessage, ApexClient, type ServerFrame } from "../../src/client/index.ts";
import type { ThreadConnection } from "../../src/client/thread-connection.ts";
import { newPerson, type Person } from "../../test/e2e/person.ts";
import type { Random } from "./random.ts";

/** Short enough that a thread's whole log is one replay. */
const MESSAGES_A_THREAD = 25;
const TURN_DEADLINE_MS = 30_000;

export interface Conversation {
  readonly person: Person;
  readonly connection: ThreadConnection;
  readonly frames: readonly ServerFrame[];
  readonly accepted: readonly AcceptedMessage[];
  /** Every text that was handed to the SDK, acknowledged or not. */
  readonly said: readonly string[];
  /** Why the SDK could not promise that a message was taken. */
  readonly refused: readonly string[];
  /** From each loss of the connection until everything missed was there, in milliseconds. */
  readonly catchUps: readonly number[];
}

/** Talks until told to stop. @returns its conversations, their connections still open. */
export async function talk(
  directUrl: string,
  faultyUrl: string,
  random: Random,
  stopping: AbortSignal,
): Promise<() => Promise<readonly Conversation[]>> {
  const person = await newPerson(directUrl);
  const client = new ApexClient({ baseUrl: faultyUrl, store: heldBy(person) });
  const conversations: Conversation[] = [];
  async function all(): Promise<void> {
    while (!stopping.aborted) await converse(person, client, random, stopping, conversations);
  }
  const talking = all();
  return async () => {
    await talking;
    return conversations;
  };
}

async function converse(
  person: Person,
  client: ApexClient,
  random: Random,
  stopping: AbortSignal,
  conversations: Conversation[],
): Promise<void> {
  const frames: ServerFrame[] = [];
  const accepted: AcceptedMessage[] = [];
  const said: string[] = [];
  const refused: string[] = [];
  const catchUps: number[] = [];
  let lostAt: number | null = null;
  let target = Number.POSITIVE_INFINITY;
  const connection = client.connect(null, {
    onFrame(frame) {
      frames.push(frame);
      if (frame.type === "connection_ready") target = frame.data.last_seq;
      if (lostAt === null || connection.view.lastSeq < target) return;
      catchUps.push(Date.now() - lostAt);
      lostAt = null;
    },
    onStatus(status) {
      if (status !== "reconnecting" || lostAt !== null) return;
      lostAt = Date.now();
      target = Number.POSITIVE_INFINITY;
    },
  });
  conversations.push({ person, connection, frames, accepted, said, refused, catchUps });

  async function say(): Promise<void> {
    const content = `${person.email} says number ${said.length} in ${conversations.length}`;
    said.push(content);
    try {
      const promise = await connection.send(content);
      accepted.push(promise);
      const deadline = Date.now() + TURN_DEADLINE_MS;
      while (!isOver(connection, promise) && Date.now() < deadline && !stopping.aborted) {
        await sleep(50);
      }
    } catch (error) {
      refused.push(String(error));
    }
  }
  while (said.length < MESSAGES_A_THREAD && !stopping.aborted && connection.status !== "closed") {
    await Promise.all(random.next() < 0.2 ? [say(), say()] : [say()]);
    await sleep(random.between(0, 1_000));
  }
}

/** @returns whether the client knows the end of an accepted message's run. */
export function isOver(connection: ThreadConnection, { run_id }: AcceptedMessage): boolean {
  const status = connection.view.runs[run_id]?.status;
  return status === "completed" || status === "failed" || status === "cancelled";
}

function heldBy({ credentials }: Person) {
  const { expires_in, ...rest } = credentials;
  let held: unknown = { ...rest, renew_at: Date.now() + expires_in * 500 };
  return {
    load: () => Promise.resolve(held),
    save: async (next: unknown) => {
      held = next;
    },
    clear: async () => {
      held = null;
    },
  };
}
