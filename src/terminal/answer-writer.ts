/** Prints an answer while it is written: only what is new, and plainly where some was taken back. */
import type { MessageId } from "../protocol/ids.ts";
import type { MessageView } from "../protocol/thread-view.ts";
import { plain, plainSoFar } from "./plain-text.ts";

export const TAKEN_BACK = "\n(The answer was taken back and begins again.)\n";

export class AnswerWriter {
  readonly #prefix: string;
  #id: MessageId | null = null;
  #printed = "";

  /** @param prefix printed before each answer. */
  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  /** @returns what to print now; it ends with a line feed when the answer has ended. */
  follow(messages: readonly MessageView[]): string {
    const message = messages.find(({ id, status }) => id === this.#id || status === "streaming");
    if (!message) return "";
    this.#id = message.id;
    const ended = message.status !== "streaming";
    const text = ended ? plain(message.text) : plainSoFar(message.text);
    const piece = this.#piece(text);
    const closing = ended && (this.#printed || piece) ? "\n" : "";
    this.#printed = ended ? "" : text;
    if (ended) this.#id = null;
    return piece + closing;
  }

  #piece(text: string): string {
    if (!text.startsWith(this.#printed)) return TAKEN_BACK + text;
    if (this.#printed === "" && text !== "") return this.#prefix + text;
    return text.slice(this.#printed.length);
  }
}
