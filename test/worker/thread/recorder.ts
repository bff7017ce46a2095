/** Records what a socket is sent, byte for byte but for ids and times, which are made anew each time. */
import { expect, vi } from "vitest";

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
/** Fields that name something made anew: `<run 1>` is the first run that was named. */
const NAMED = /^(?:live_)?(user|thread|run|message|call)_id$|^(epoch)$/;
/** Fields that were measured, or count the words of a prompt. */
const MEASURED = ["duration_ms", "input_tokens"];

export class Recorder {
  readonly #socket: WebSocket;
  readonly #frames: string[] = [];

  constructor({ webSocket }: Response) {
    if (webSocket === null) throw new Error("the answer opened no socket");
    this.#socket = webSocket;
    webSocket.addEventListener("message", ({ data }) => {
      this.#frames.push(String(data));
    });
    webSocket.accept();
  }

  send(command: object): void {
    this.#socket.send(JSON.stringify(command));
  }

  /** @returns all that was sent up to the first frame of a type, one frame a line. */
  async until(type: string): Promise<string> {
    const isLast = (frame: string) => frame.startsWith(`{"type":"${type}"`);
    await vi.waitFor(() => expect(this.#frames.some(isLast)).toBe(true), { timeout: 15_000 });
    const names = new Map<string, string>();
    const frames = this.#frames.slice(0, this.#frames.findIndex(isLast) + 1);
    return frames.map((frame) => `${scrub(frame, names)}\n`).join("");
  }
}

/** @returns the frame with its fields in their order, and placeholders for what no two runs share. */
function scrub(frame: string, names: Map<string, string>): string {
  return JSON.stringify(
    JSON.parse(frame, (key, value: unknown) => {
      if (MEASURED.includes(key)) return "<measured>";
      if (typeof value !== "string") return value;
      if (TIME.test(value)) return "<time>";
      const [, kind, other] = NAMED.exec(key) ?? [];
      return nameOf(value, kind ?? other, names);
    }),
  );
}

function nameOf(value: string, kind: string | undefined, names: Map<string, string>): string {
  if (kind === undefined) return value;
  const ofKind = [...names.values()].filter((name) => name.startsWith(`<${kind} `));
  const name = names.get(value) ?? `<${kind} ${ofKind.length + 1}>`;
  names.set(value, name);
  return name;
}
