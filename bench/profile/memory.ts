/** What a connection that is held keeps in memory: of the process, and of it what lives in the Worker's heap. */
import type { Socket } from "node:net";
import type { Conversation } from "../compare/chat.ts";
import type { Contender } from "../compare/contender.ts";
import { holdSocket, letGo } from "../held-socket.ts";
import { isolatesOf } from "../isolates.ts";

const CONNECTIONS = 200;
/** Over so many conversations: users may have so many sockets and no more. */
const CONVERSATIONS = 10;
const KIBIBYTE = 1_024;

/** In KiB a connection. */
export interface Held {
  /** What the process grew by, with what letting in leaves behind. */
  readonly resident: number;
  /** … once the garbage of all isolates was collected. */
  readonly collected: number;
  /** What of it lives in the isolate of the Worker and its objects. */
  readonly live: number;
}

/** Opens and closes half as many first: a process that has grown stays so. */
export async function heldMemory({ begin, url, worker }: Contender): Promise<Held> {
  const isolates = await isolatesOf(worker, url);
  const conversations = await Promise.all(Array.from({ length: CONVERSATIONS }, () => begin()));
  for (const socket of await hold(CONNECTIONS / 2)) letGo(socket);
  const heap = await isolates.liveBytes();
  const before = worker.residentBytes();
  const sockets = await hold(CONNECTIONS);
  const resident = worker.residentBytes() - before;
  const live = (await isolates.liveBytes()) - heap;
  const collected = worker.residentBytes() - before;
  for (const socket of sockets) letGo(socket);
  const each = (bytes: number) => bytes / CONNECTIONS / KIBIBYTE;
  return { resident: each(resident), collected: each(collected), live: each(live) };

  async function hold(connections: number): Promise<Socket[]> {
    const held: Socket[] = [];
    while (held.length < connections) held.push(await holdOne(held.length));
    return held;
  }

  async function holdOne(index: number): Promise<Socket> {
    const conversation: Conversation | undefined = conversations[index % CONVERSATIONS];
    if (conversation === undefined) throw new Error("There are no conversations.");
    const { path, protocols } = conversation.newChat().dial();
    const offered = protocols.length > 0 && { "sec-websocket-protocol": protocols.join(", ") };
    return await holdSocket(`${url}${path}`, { ...offered });
  }
}
