/** A thread by what a client of another protocol calls it: its id, or a name of the client's own. */
import type { Context } from "hono";
import { systemClock, timestamp } from "../core/clock.ts";
import { historyDatabase } from "../durable/history-database.ts";
import { askThread } from "../http/ask-thread.ts";
import type { SignedInEnv } from "../http/router.ts";
import { ApexError } from "../protocol/errors.ts";
import { ThreadId } from "../protocol/ids.ts";
import { NAME_LABEL, NamedThreads } from "../store/named-threads.ts";
import { Threads } from "../store/threads.ts";

/**
 * @returns the user's thread of that id or name, or null. Another user's thread is none: its id is a name
 *   like any other.
 * @throws {ApexError} `unavailable`.
 */
export async function findNamedThread(
  c: Context<SignedInEnv>,
  name: string,
): Promise<ThreadId | null> {
  const { userId } = c.var.principal;
  const db = historyDatabase(c.env, userId);
  const id = ThreadId.safeParse(name);
  if (id.success && (await new Threads(db, userId).exists(id.data))) return id.data;
  return (await new NamedThreads(db, userId).find(name))?.id ?? null;
}

/**
 * @returns the user's thread of that id or name; where there is none, a new one of that name, the same to
 *   all who ask at once.
 * @throws {ApexError} `unavailable`.
 */
export async function openNamedThread(c: Context<SignedInEnv>, name: string): Promise<ThreadId> {
  const known = await findNamedThread(c, name);
  if (known !== null) return known;
  const { userId } = c.var.principal;
  const named = new NamedThreads(historyDatabase(c.env, userId), userId);
  await named.make(name, timestamp(systemClock.now()));
  const made = await named.find(name);
  if (made === null) throw new ApexError("unavailable", "The thread could not be made.");
  const labels = { title: null, metadata: { [NAME_LABEL]: name } };
  await askThread(c, made.id, (thread) => thread.label(labels));
  return made.id;
}
