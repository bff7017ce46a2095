/** A person who follows a thread over many connections as the protocol says, and checks each frame. */
import { expect } from "vitest";
import type { LoggedEvent, ServerFrame } from "../../../src/protocol/events.ts";
import { isLogged } from "../../../src/protocol/frames.ts";
import { project } from "../../../src/protocol/projection.ts";
import { EMPTY_THREAD, type ThreadView } from "../../../src/protocol/thread-view.ts";
import type { Client } from "./client.ts";
import type { Conversation } from "./conversation.ts";

/** One connection: the positions it asked for, in order, and what came. */
interface Connection {
  readonly client: Client;
  readonly asked: number[];
  /** How many messages were said on it: each may be answered by an event that came before. */
  said: number;
  /** The frames, once nobody listens any more. */
  frames: readonly ServerFrame[] | null;
}

export class Follower {
  readonly #thread: Conversation;
  readonly #connections: Connection[] = [];

  constructor(thread: Conversation) {
    this.#thread = thread;
  }

  /** The socket, where there is one. */
  get client(): Client | null {
    return this.#open?.client ?? null;
  }

  /** What the person sees: every frame of every connection, folded. */
  get view(): ThreadView {
    return this.frames.reduce(project, EMPTY_THREAD);
  }

  get frames(): ServerFrame[] {
    return this.#connections.flatMap(({ frames, client }) => frames ?? client.frames);
  }

  /** Comes back to where it was; new people come to the beginning. */
  async connect(): Promise<void> {
    if (this.client !== null) return;
    const { epoch, lastSeq } = this.view;
    const query = epoch === null ? "" : `?after=${lastSeq}&epoch=${epoch}`;
    const client = await this.#thread.connect(query);
    const asked = [epoch === null ? 0 : lastSeq];
    this.#connections.push({ client, asked, said: 0, frames: null });
    await client.frame("connection_ready");
  }

  /** Hears nothing more on the socket it has. */
  drop(): void {
    if (this.#open !== null) this.#open.frames = [...this.#open.client.frames];
  }

  disconnect(): void {
    this.client?.close();
    this.drop();
  }

  /** Asks again for what came after the last position, or for everything. */
  resume(anew: boolean): void {
    const { epoch, lastSeq } = this.view;
    if (this.#open === null || epoch === null) return;
    const after = anew ? 0 : lastSeq;
    this.#open.asked.push(after);
    this.#open.client.send({ type: "resume", after, epoch });
  }

  say(content: string, key: string | null): void {
    const id = key === null ? {} : { client_message_id: key };
    this.client?.send({ type: "user_message", content, ...id });
    this.said();
  }

  /** Remembers that a message was said on the socket. */
  said(): void {
    if (this.#open !== null) this.#open.said += 1;
  }

  /**
   * Checks that every connection told the log without a gap and nothing twice, that a journal says
   * the same where one is given, and that the pieces of each answer amount to the answer.
   */
  check(journal: readonly LoggedEvent[] | null = null): void {
    let view = EMPTY_THREAD;
    const known = new Map((journal ?? []).map((event) => [event.seq, event]));
    for (const connection of this.#connections) {
      const frames = connection.frames ?? connection.client.frames;
      let next = 0;
      let greetings = 0;
      let replayed = 0;
      let again = 0;
      for (const frame of frames) {
        if (frame.type === "connection_ready") {
          const { recovered, replay_after, last_seq } = frame.data;
          expect({ recovered, replay_after }).toEqual({
            recovered: true,
            replay_after: connection.asked[greetings],
          });
          greetings += 1;
          next = replay_after + 1;
          replayed = last_seq;
        } else if (isLogged(frame)) {
          if (journal !== null) expect(frame).toEqual(known.get(frame.seq));
          if (frame.seq < next && frame.type === "message_accepted") {
            again += 1;
          } else {
            expect(frame.seq, `${frame.type} after ${next - 1}`).toBe(next);
            next += 1;
            if (frame.seq > replayed) expectWritten(view, frame);
          }
        }
        view = project(view, frame);
        expect(view.stale).toBe(false);
      }
      expect(again).toBeLessThanOrEqual(connection.said);
    }
    if (journal !== null) {
      expect(view.lastSeq).toBe(journal.length);
      expect(view.messages).toEqual(journal.reduce(project, EMPTY_THREAD).messages);
    }
  }

  get #open(): Connection | null {
    const last = this.#connections.at(-1);
    return last === undefined || last.frames !== null ? null : last;
  }
}

/** Who hears an answer's end as it happens must have been told each of its words before. */
function expectWritten(view: ThreadView, event: LoggedEvent): void {
  if (event.type !== "agent_completed" || event.seq <= view.lastSeq) return;
  const { message_id, final_response } = event.data;
  const written = view.messages.find(({ id }) => id === message_id);
  expect(written?.text, "the pieces of the answer").toBe(final_response);
}
