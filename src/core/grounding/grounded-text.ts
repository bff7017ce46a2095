/**
 * Checks the figures of an answer while it streams. References to facts are replaced by their figures, and every
 * figure that stands in no tool result or message is flagged.
 */
import type { Grounding } from "../../protocol/entities.ts";
import type { ModelMessage } from "../model.ts";
import { FigureReader, type TextPart } from "./figure-reader.ts";
import { renderFigure } from "./figures.ts";
import { FLAG, KnownFigures } from "./known-figures.ts";

/** What a reference to a fact that does not exist is replaced by. */
const NO_SUCH_FIGURE = "(no such figure)";

export class GroundedText {
  readonly #messages: readonly ModelMessage[];
  readonly #reader = new FigureReader();
  readonly #citations: Grounding["citations"] = [];
  readonly #unverified: Grounding["unverified"] = [];
  #known: KnownFigures | null = null;
  #length = 0;
  /** Whether the text so far ends with "$", so that a rendered amount must not bring another one. */
  #hasSign = false;

  /** @param messages what the model has read: figures in there are taken as known. */
  constructor(messages: readonly ModelMessage[]) {
    this.#messages = messages;
  }

  /**
   * Takes in the next piece.
   * @param isLast whether the text ends here.
   * @returns the text that may be sent now. A number is held back until the words around it are known.
   */
  push(piece: string, isLast = false): string {
    let told = "";
    for (const part of this.#reader.read(piece, isLast)) {
      const text = this.#tell(part);
      this.#length += text.length;
      this.#hasSign = text.endsWith("$");
      told += text;
    }
    return told;
  }

  /** Where the text so far states figures, and which of them nothing backs. */
  get grounding(): Grounding {
    return { citations: [...this.#citations], unverified: [...this.#unverified] };
  }

  #tell(part: TextPart): string {
    if (part.type === "reference") return this.#render(part.id, part.unit);
    if (part.type === "text") return part.text;
    const { text, figure, before } = part;
    const offset = this.#length - figure.before;
    const span = { offset, length: figure.before + text.length };
    this.#known ??= new KnownFigures(this.#messages);
    if (this.#known.holds(figure)) {
      const fact_id = this.#known.factOf(figure, before);
      if (fact_id !== null) this.#citations.push({ ...span, fact_id });
      return text;
    }
    this.#unverified.push(span);
    this.#reader.told(FLAG);
    return text + FLAG;
  }

  /** Replaces a reference by its figure. A "$" before it, or a unit after it, is not repeated. */
  #render(id: string, unit: string): string {
    this.#known ??= new KnownFigures(this.#messages);
    const fact = this.#known.fact(id);
    const figure = fact === undefined ? NO_SUCH_FIGURE : renderFigure(fact.value, fact.unit);
    const before = this.#hasSign && figure.startsWith("$") ? 1 : 0;
    const span = { offset: this.#length - before, length: figure.length };
    if (fact === undefined) this.#unverified.push(span);
    else this.#citations.push({ ...span, fact_id: fact.id });
    const isTwice = figure.endsWith(unit.trim()) || (/usd/i.test(unit) && figure.includes("$"));
    const text = figure.slice(before) + (isTwice ? "" : unit);
    this.#reader.told(text);
    return text;
  }
}
