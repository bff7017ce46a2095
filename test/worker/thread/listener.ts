/** A client's end of a thread's event stream: hears on by itself until the stream ends or it leaves. */
import { expect } from "vitest";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import { isLogged } from "../../../src/protocol/frames.ts";
import { EventStream } from "../http/event-stream.ts";
import { eventually } from "./client.ts";

export class Listener {
  /** Resolves when the stream is over, whoever ended it. */
  readonly ended: Promise<void>;
  readonly #stream: EventStream;

  constructor(response: Response) {
    this.#stream = new EventStream(response);
    this.ended = this.#stream.toEnd().catch(() => undefined);
  }

  get frames(): ServerFrame[] {
    return this.#stream.frames;
  }

  async greeted(): Promise<void> {
    await eventually(async () => expect(this.frames[0]?.type).toBe("connection_ready"));
  }

  /** Checks that each event's id is its place in the log, and that nothing else has one. */
  check(): void {
    let epoch = "";
    for (const { id, frame } of this.#stream.events) {
      if (frame.type === "connection_ready") epoch = frame.data.epoch;
      expect(id).toBe(isLogged(frame) ? `${epoch}.${frame.seq}` : undefined);
    }
  }

  close(): void {
    this.#stream.leave().catch(() => undefined);
  }
}
