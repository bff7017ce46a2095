/** Reads an answer that is an event stream, as a client would: event by event, and leaves when it likes. */
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { ServerFrame } from "../../../src/protocol/events.ts";

export interface StreamEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly frame: ServerFrame;
}

export class EventStream {
  readonly events: StreamEvent[] = [];
  /** Comments, which keep the stream from being silent. */
  readonly comments: string[] = [];
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  readonly #parser = createParser({
    onEvent: (message) => this.events.push(parse(message)),
    onComment: (comment) => this.comments.push(comment),
  });

  constructor({ status, body }: Response) {
    if (status !== 200 || body === null) throw new Error(`no stream but a ${status}`);
    this.#reader = body.getReader();
  }

  get frames(): ServerFrame[] {
    return this.events.map(({ frame }) => frame);
  }

  /** Reads on until a frame fits. @throws {Error} where the stream ends before. */
  async until(fits: (frame: ServerFrame) => boolean): Promise<void> {
    while (!this.frames.some(fits)) {
      if (!(await this.#read())) throw new Error(`the stream ended after ${this.#seen()}`);
    }
  }

  /** Reads until a comment came. */
  async beat(): Promise<void> {
    while (this.comments.length === 0) {
      if (!(await this.#read())) throw new Error("the stream ended without a beat");
    }
  }

  /** Reads to the stream's end. */
  async toEnd(): Promise<void> {
    while (await this.#read());
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }

  async #read(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (value) this.#parser.feed(this.#decoder.decode(value, { stream: true }));
    return !done;
  }

  #seen(): string {
    return this.frames.map(({ type }) => type).join(", ");
  }
}

function parse({ id, event, data }: EventSourceMessage): StreamEvent {
  return { id, event, frame: ServerFrame.parse(JSON.parse(data)) };
}
