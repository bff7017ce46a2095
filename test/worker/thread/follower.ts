/** A person who follows a thread over many connections as the protocol says, and checks each frame. */
import { expect } from "vitest";
import type { LoggedEvent, ServerFrame } from "../../../src/protocol/events.ts";
import { isLogged } from "../../../src/protocol/frames.ts";
import { project } from "../../../src/protocol/projection.ts";
import { formatEventId } from "../../../src/protocol/sse.ts";
import {
  EMPTY_THREAD,
  type MessageView,
  type ThreadView,
} from "../../../src/protocol/thread-view.ts";
import { Client } from "./client.ts";
import type { Conversation } from "./conversation.ts";
import { Listener } from "./listener.ts";

/** How a person follows: over a socket, or over an event stream. */
export type Door = "socket" | "stream";

/** One connection: the positions it asked for, in order, and what came. */
interface Connection {
  readonly line: Client | Listener;
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

  /** What the person follows on, where there is anything. */
  get line(): Client | Listener | null {
    return this.#open?.line ?? null;
  }

  /** The socket, where there is one. */
  get client(): Client | null {
    return this.line instanceof Client ? this.line : null;
  }

  /** What the person sees: every frame of every connection, folded. */
  get view(): ThreadView {
    return this.frames.reduce(project, EMPTY_THREAD);
  }

  get frames(): ServerFrame[] {
    return this.#connections.flatMap(({ frames, line }) => frames ?? line.frames);
  }

  /** Comes back to where it was, by whichever door; new people come to the beginning. */
  async connect(door: Door = "socket"): Promise<void> {
    if (this.line !== null) return;
    const line = door === "socket" ? await this.#openSocket() : await this.#openStream();
    const { epoch, lastSeq } = this.view;
    this.#connections.push({ line, asked: [epoch === null ? 0 : lastSeq], said: 0, frames: null });
    await (line instanceof Client ? line.frame("connection_ready") : line.greeted());
  }

  #openSocket(): Promise<Client> {
    const { epoch, lastSeq } = this.view;
    return this.#thread.connect(epoch === null ? "" : `?after=${lastSeq}&epoch=${epoch}`);
  }

  async #openStream(): Promise<Listener> {
    const { epoch, lastSeq } = this.view;
    const headers = epoch === null ? {} : { "last-event-id": formatEventId(epoch, lastSeq) };
    return new Listener(await this.#thread.ask("/events", { headers }));
  }

  /** Hears nothing more on the connection it has. */
  drop(): void {
    if (this.#open !== null) this.#open.frames = [...this.#open.line.frames];
  }

  disconnect(): void {
    const { line } = this;
    this.drop();
    line?.close();
  }

  /** Asks again for what came after the last position, or for everything. */
  resume(anew: boolean): void {
    const { epoch, lastSeq } = this.view;
    const { client } = this;
    if (client === null || epoch === null) return;
    const after = anew ? 0 : lastSeq;
    this.#open?.asked.push(after);
    client.send({ type: "resume", after, epoch });
  }

  say(message: object): void {
    this.client?.send({ type: "user_message", ...message });
    this.said();
  }

  /** Remembers that a message was said on the socket. */
  said(): void {
    if (this.#open !== null) this.#open.said += 1;
  }

  /**
   * Checks that every connection told the log without a gap and nothing twice, each event as the
   * journal has it as far as that goes, and that the pieces of each answer amount to the answer.
   */
  check(journal: readonly LoggedEvent[] = []): void {
    let view = EMPTY_THREAD;
    for (const connection of this.#connections) {
      const frames = connection.frames ?? connection.line.frames;
      if (connection.line instanceof Listener) connection.line.check();
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
          if (frame.seq <= journal.length) expect(frame).toEqual(journal[frame.seq - 1]);
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
    // Whoever heard as much as the journal holds sees as much, but for an answer being written.
    if (view.lastSeq !== journal.length) return;
    const told = journal.reduce(project, EMPTY_THREAD);
    expect(view.messages.map(withoutDraft)).toEqual(told.messages.map(withoutDraft));
  }

  get #open(): Connection | null {
    const last = this.#connections.at(-1);
    return last === undefined || last.frames !== null ? null : last;
  }
}

function withoutDraft(message: MessageView): MessageView {
  return message.status === "streaming" ? { ...message, text: "" } : message;
}

/** Who hears an answer's end as it happens must have been told each of its words before. */
function expectWritten(view: ThreadView, event: LoggedEvent): void {
  if (event.type !== "agent_completed" || event.seq <= view.lastSeq) return;
  const { message_id, final_response } = event.data;
  const written = view.messages.find(({ id }) => id === message_id);
  // What was superseded is seen no more.
  if (written === undefined) return;
  expect(written.text, "the pieces of the answer").toBe(final_response);
}
