/** Sends an answer, parts of which may be withdrawn, over a protocol that can only append text. */
import { applyDelta } from "../protocol/projection.ts";

/** Separates text that was sent but has been withdrawn from the final answer. */
const ANEW = "\n\n";

/**
 * Sends only text that was not sent before. If a model's stream broke and was restarted, it mostly repeats the
 * same text, which is not sent twice; if it differs, the whole answer is sent again at its end.
 */
export class AppendedText {
  #true = "";
  #told = "";

  /** All the text that the client was sent. */
  get told(): string {
    return this.#told;
  }

  /** @returns the text to send for a piece of the answer; empty if there is nothing new. */
  hear(delta: { readonly offset: number; readonly text: string }): string {
    this.#true = applyDelta(this.#true, delta);
    return this.#true.startsWith(this.#told) ? this.#tell(this.#true.slice(this.#told.length)) : "";
  }

  /** @returns the text still to send, given the final answer. */
  end(whole: string): string {
    const stands = whole.startsWith(this.#told);
    return this.#tell(stands ? whole.slice(this.#told.length) : ANEW + whole);
  }

  #tell(text: string): string {
    this.#told += text;
    return text;
  }
}
