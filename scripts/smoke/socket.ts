/** A minimal socket to a thread: keeps the frames it got, and waits for more. */
import assert from "node:assert/strict";
import { ServerFrame } from "../../src/protocol/events.ts";
import type { Guest, Live } from "./live.ts";

/** A real model may think for long, in milliseconds. */
const PATIENCE_MS = 180_000;

export class ThreadSocket implements Disposable {
  readonly frames: ServerFrame[] = [];
  readonly #socket: WebSocket;
  #heard = Promise.withResolvers<void>();

  /** @param query the position to resume after, as `?after=…&epoch=…`. */
  constructor(live: Live, { access_token }: Guest, threadId: string, query = "") {
    const url = `${live.url.replace(/^http/, "ws")}/api/threads/${threadId}/socket${query}`;
    this.#socket = new WebSocket(url, ["apex-edge", `bearer.${access_token}`]);
    this.#socket.addEventListener("message", ({ data }) => {
      this.frames.push(ServerFrame.parse(JSON.parse(String(data))));
      this.#wake();
    });
    this.#socket.addEventListener("close", () => this.#wake());
  }

  send(command: object): void {
    this.#socket.send(JSON.stringify(command));
  }

  /** @returns the first frame of a type that fits, heard or still to come. */
  async hear<Type extends ServerFrame["type"]>(
    type: Type,
    fits: (frame: Extract<ServerFrame, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<ServerFrame, { type: Type }>> {
    const isIt = (frame: ServerFrame): frame is Extract<ServerFrame, { type: Type }> =>
      frame.type === type;
    const until = AbortSignal.timeout(PATIENCE_MS);
    const given = new Promise<void>((resolve) => until.addEventListener("abort", () => resolve()));
    for (;;) {
      const found = this.frames.filter(isIt).find(fits);
      if (found !== undefined) return found;
      const heard = this.frames.map((frame) => frame.type).join(", ");
      assert.ok(!until.aborted, `no ${type} in time; heard: ${heard}`);
      assert.notEqual(this.#socket.readyState, WebSocket.CLOSED, `closed; heard: ${heard}`);
      await Promise.race([this.#heard.promise, given]);
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #wake(): void {
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }
}
