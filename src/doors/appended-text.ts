/** An answer that may be taken back in part, told by a protocol that can only append. */
import { applyDelta } from "../protocol/projection.ts";

/** What stands between what was told and does not stand, and the answer as it is. */
const ANEW = "\n\n";

/**
 * Sends only text that was not sent before. If a model's stream broke and was restarted, it mostly repeats the
 * same text, which is not sent twice; if it differs, the whole answer is sent again at its end.
 */
export class AppendedText {
  #true = "";
  #told = "";

  /** All that the client was told. */
  get told(): string {
    return this.#told;
  }

  /** @returns what a piece of the answer adds to what was told; nothing is an empty text. */
  hear(delta: { readonly offset: number; readonly text: string }): string {
    this.#true = applyDelta(this.#true, delta);
    return this.#true.startsWith(this.#told) ? this.#tell(this.#true.slice(this.#told.length)) : "";
  }

  /** @returns what the whole answer, which is the truth, adds. */
  end(whole: string): string {
    const stands = whole.startsWith(this.#told);
    return this.#tell(stands ? whole.slice(this.#told.length) : ANEW + whole);
  }

  #tell(text: string): string {
    this.#told += text;
    return text;
  }
}
