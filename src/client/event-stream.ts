/** Server-sent events (WHATWG HTML §9.2) out of bytes that may be cut anywhere. */

/** What one event may hold, in characters. */
export const MAX_EVENT_LENGTH = 1024 * 1024;

/** A CR that ends what has come so far may be half of a CRLF: it waits for what follows. */
const LINE_END = /\r\n|\n|\r(?=.)/s;

/** Gives each event's data; its other fields only repeat what our data holds. */
export class EventStream {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #data: string | null = null;

  /** @returns the data of the events that end here, or null where one is longer than can be held. */
  push(bytes: Uint8Array): string[] | null {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split(LINE_END);
    this.#rest = lines.pop() ?? "";
    const events = lines.flatMap((line) => this.#read(line) ?? []);
    const held = this.#rest.length + (this.#data?.length ?? 0);
    return held > MAX_EVENT_LENGTH ? null : events;
  }

  #read(line: string): string | null {
    if (line === "") {
      const data = this.#data;
      this.#data = null;
      return data;
    }
    const [, value] = /^data(?:$|: ?)(.*)/s.exec(line) ?? [];
    if (value !== undefined) this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    return null;
  }
}
