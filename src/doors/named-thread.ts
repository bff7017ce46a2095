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
 * @returns the user's thread with that id or name, or null. The id of another user's thread is treated as a
 *   name like any other.
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

/** What is done in a named thread, and for whom. */
interface NamedWork<Done> {
  readonly work: (id: ThreadId) => Promise<Done>;
  /** Called where there is no thread of that name, before one is made: what it throws refuses that. */
  readonly beforeNew?: () => void;
}

/**
 * Does some work in the user's thread with that id or name. If there is none, one is created under that name;
 * concurrent callers get the same one. If the work is refused, the new thread is deleted again, unless somebody
 * else has written in it.
 * @throws {ApexError} `unavailable`, or whatever the work throws.
 */
export async function inNamedThread<Done>(
  c: Context<SignedInEnv>,
  name: string,
  named: NamedWork<Done>,
): Promise<Done> {
  try {
    return await inFoundOrNew(c, name, named);
  } catch (error) {
    // A concurrent caller had created the thread, was refused, and deleted it while we were using it.
    if (ApexError.from(error).code !== "not_found") throw error;
    return await inFoundOrNew(c, name, named);
  }
}

async function inFoundOrNew<Done>(
  c: Context<SignedInEnv>,
  name: string,
  { work, beforeNew = () => undefined }: NamedWork<Done>,
): Promise<Done> {
  const known = await findNamedThread(c, name);
  if (known !== null) return await work(known);
  beforeNew();
  const id = await makeNamedThread(c, name);
  try {
    return await work(id);
  } catch (error) {
    // The reason for the refusal matters more than a failure to clean up.
    if (isRefusal(error)) {
      await askThread(c, id, (thread) => thread.destroy("silent")).catch(() => false);
    }
    throw error;
  }
}

/** @returns whether nothing can have been done, as a failure has it. */
export function isRefusal(error: unknown): boolean {
  return ApexError.from(error).status < 500;
}

async function makeNamedThread(c: Context<SignedInEnv>, name: string): Promise<ThreadId> {
  const { userId } = c.var.principal;
  const named = new NamedThreads(historyDatabase(c.env, userId), userId);
  await named.make(name, timestamp(systemClock.now()));
  const made = await named.find(name);
  if (made === null) throw new ApexError("unavailable", "The thread could not be made.");
  const labels = { title: null, metadata: { [NAME_LABEL]: name } };
  await askThread(c, made.id, (thread) => thread.label(labels));
  return made.id;
}
