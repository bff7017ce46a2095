/** What a row of the table is: a sentence, what is sent, what must come back, and what may change. */
import { expect } from "vitest";
import type { z } from "zod";
import { type Credentials, Ticket } from "../../src/protocol/api.ts";
import type { RunId, ThreadId } from "../../src/protocol/ids.ts";
import { Problem } from "../../src/protocol/problem.ts";
import type { Asked } from "../worker/http/ask.ts";

/** What came back, over HTTP or as the `error` event of a socket. */
export interface Reply {
  readonly status: number;
  readonly code: string | null;
  readonly fields: readonly string[];
  readonly text: string;
  /** Null for an event of a socket. */
  readonly headers: Headers | null;
}

/** What must come back. */
export interface Back {
  /** Any of these, where a later bound may refuse the same thing earlier. */
  readonly status: number | readonly number[];
  readonly code?: string;
  /** The field that is named. */
  readonly field?: string;
  /** Stands in the answer, as JSON writes it. */
  readonly says?: string;
}

/** A user, and the things of theirs that rows name. */
export interface Party {
  readonly credentials: Credentials;
  readonly thread: { readonly threadId: ThreadId };
  readonly runId: RunId;
  readonly messageId: string;
  /** Stands in all that they said and named; nobody else may ever read it. */
  readonly secret: string;
}

/** Who attacks, and whose things nobody but their owner may see or change. */
export interface World {
  readonly attacker: Party;
  readonly victim: Party;
  /** What the app signs tokens with. */
  readonly jwtSecret: string;
  /** Sends a request to the app by whatever leads there; the path goes as it stands. */
  ask(path: string, asked: Asked): Promise<Reply>;
}

export type Sends<Where extends World = World> = (world: Where) => Promise<Reply>;

/** What is tried; `Where` says what it needs of a world. */
export interface Row<Where extends World = World> {
  /** A sentence that says what is tried. */
  readonly name: string;
  readonly sends: Sends<Where>;
  readonly back: Back;
  /** Tables and objects that may change; without it, nothing anywhere may. */
  readonly mayChange?: readonly string[];
}

/** A request as a row writes it: places stand in braces, what depends on the world is a function. */
export type Request = Asked | ((world: World) => Asked | Promise<Asked>);

/** Sends a request without any credential but what it brings itself. */
export function anonymous(path: string, asked: Request = {}): Sends {
  return async (world) => world.ask(fill(path, world), await given(asked, world));
}

/** Sends a request as the attacker, who is signed in. */
export function signedIn(path: string, asked: Request = {}): Sends {
  return async (world) => {
    const token = world.attacker.credentials.access_token;
    return world.ask(fill(path, world), { token, ...(await given(asked, world)) });
  };
}

/** @returns a ticket for the thread of the attacker. */
export async function ownTicket(world: World): Promise<string> {
  const told = await signedIn("/api/threads/{mine}/ticket", { method: "POST" })(world);
  return parsed(Ticket, told).ticket;
}

/** Asks for a socket, with no credential but what the request brings itself. */
export function knocks(path: string, asked: Request = {}): Sends {
  return async (world) => {
    const { headers, ...request } = await given(asked, world);
    const knocking = { ...request, headers: { upgrade: "websocket", ...headers } };
    // What protects the answers to upgrades has rows of its own, below headers.
    return { ...(await anonymous(path, knocking)(world)), headers: null };
  };
}

/** A reply of which nothing is known yet. */
export const EMPTY: Reply = { status: 200, code: null, fields: [], text: "", headers: null };

/** Reads an answer to its end. */
export async function replyOf(response: Response): Promise<Reply> {
  const { status, headers } = response;
  const text = await response.text();
  if (status < 400) return { ...EMPTY, status, headers, text };
  expect(headers.get("content-type")).toBe("application/problem+json");
  const problem = Problem.parse(JSON.parse(text));
  expect(problem.status).toBe(status);
  return { ...problemReply(problem, text), headers };
}

/** @returns one reply for many: the same status where all have it, otherwise how often each came. */
export function counted(replies: readonly Reply[]): Reply {
  const counts = Map.groupBy(replies, ({ status }) => status);
  const text = [...counts].toSorted(([a], [b]) => a - b).map(([s, { length }]) => `${s}×${length}`);
  return { ...EMPTY, text: text.join(" ") };
}

/** @returns a body of these bytes. */
export function bytes(...parts: readonly (string | Uint8Array<ArrayBuffer>)[]): ReadableStream {
  return new Blob([...parts]).stream();
}

/** Puts the places of a world into a path: whose thread, run, message or session is asked for. */
function fill(path: string, { attacker, victim }: World): string {
  return path
    .replaceAll("{mine}", attacker.thread.threadId)
    .replaceAll("{theirs}", victim.thread.threadId)
    .replaceAll("{my_run}", attacker.runId)
    .replaceAll("{their_run}", victim.runId)
    .replaceAll("{them}", victim.credentials.user.id);
}

function given(asked: Request, world: World): Asked | Promise<Asked> {
  return typeof asked === "function" ? asked(world) : asked;
}

/** @returns a problem as the reply it is. */
export function problemReply({ status, code, errors = [] }: Problem, text: string): Reply {
  return { ...EMPTY, status, code, fields: errors.map(({ field }) => field), text };
}

/** @returns the objects of a JSON list; for answers that rows look into. */
export function parsed<Schema extends z.ZodType>(schema: Schema, { text }: Reply) {
  return schema.parse(JSON.parse(text));
}
