/** An answer as it leaves: references to facts rendered, and every figure that nothing known stands for flagged. */
import type { Grounding } from "../../protocol/entities.ts";
import type { ModelMessage } from "../model.ts";
import { FigureReader, type TextPart } from "./figure-reader.ts";
import { renderFigure } from "./figures.ts";
import { FLAG, KnownFigures } from "./known-figures.ts";

/** What a reference to no fact becomes. */
const NO_SUCH_FIGURE = "(no such figure)";

export class GroundedText {
  readonly #messages: readonly ModelMessage[];
  readonly #reader = new FigureReader();
  readonly #citations: Grounding["citations"] = [];
  readonly #unverified: Grounding["unverified"] = [];
  #known: KnownFigures | null = null;
  #length = 0;
  /** Whether the text ends with the sign that a rendered amount begins with. */
  #hasSign = false;

  /** @param messages what the model has read: it may state the figures in it. */
  constructor(messages: readonly ModelMessage[]) {
    this.#messages = messages;
  }

  /** @returns the text that may leave now; a number stays until the words beside it are there. */
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

  /** @returns where the text so far states figures. */
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

  /** A sign before it, or a unit behind it, that the figure has itself is not told twice. */
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
