/** Reads an answer that is an event stream, as a client would: event by event, and leaves when it likes. */
import { createParser, type EventSourceMessage } from "eventsource-parser";
import type { z } from "zod";
import { ServerFrame } from "../../../src/protocol/events.ts";

interface AnyFrame {
  readonly type: string;
}

export interface StreamEvent<Frame> {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly frame: Frame;
}

export class FrameStream<Frame extends AnyFrame> {
  readonly events: StreamEvent<Frame>[] = [];
  /** Comments, which keep the stream from being silent. */
  readonly comments: string[] = [];
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  readonly #parser = createParser({
    onEvent: (message) => this.events.push(this.#parse(message)),
    onComment: (comment) => this.comments.push(comment),
  });

  readonly #schema: z.ZodType<Frame>;

  constructor({ status, body }: Response, schema: z.ZodType<Frame>) {
    this.#schema = schema;
    if (status !== 200 || body === null) throw new Error(`no stream but a ${status}`);
    this.#reader = body.getReader();
  }

  get frames(): Frame[] {
    return this.events.map(({ frame }) => frame);
  }

  /** Reads on until a frame fits. @throws {Error} where the stream ends before. */
  async until(fits: (frame: Frame) => boolean): Promise<void> {
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
  #parse({ id, event, data }: EventSourceMessage): StreamEvent<Frame> {
    return { id, event, frame: this.#schema.parse(JSON.parse(data)) };
  }
}

/** A thread's frames, or those of one run of it. */
export class EventStream extends FrameStream<ServerFrame> {
  constructor(response: Response) {
    super(response, ServerFrame);
  }
}
