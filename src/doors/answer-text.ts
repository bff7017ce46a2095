/** An answer that may be taken back in part, for protocols that tell it piece by piece. */
import { applyDelta } from "../protocol/projection.ts";

/** What is to be said next of an answer: more of it, or, where what was said is wrong, all of it anew. */
export type Telling =
  | { readonly kind: "nothing" }
  | { readonly kind: "more"; readonly text: string }
  | { readonly kind: "anew" };

/** Told is only what stands; what was told and does not stand any more is told anew. */
export class AnswerText {
  #true = "";
  #told = "";

  /** What the client was told so far. */
  get told(): string {
    return this.#told;
  }

  /** @returns what a piece of the answer adds to what was told. */
  hear(delta: { readonly offset: number; readonly text: string }): Telling {
    this.#true = applyDelta(this.#true, delta);
    // The model's stream broke and was restarted; mostly it then repeats the same text.
    if (this.#told.startsWith(this.#true)) return { kind: "nothing" };
    return this.#tell();
  }

  /** @returns what the whole answer adds, which is the truth. */
  end(whole: string): Telling {
    this.#true = whole;
    return whole === this.#told ? { kind: "nothing" } : this.#tell();
  }

  #tell(): Telling {
    const before = this.#told;
    this.#told = this.#true;
    if (!this.#true.startsWith(before)) return { kind: "anew" };
    return { kind: "more", text: this.#true.slice(before.length) };
  }
}
