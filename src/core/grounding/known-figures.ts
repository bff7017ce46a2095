/** The numbers an answer may state: what tools computed, what the user said, and what was verified before. */
import * as z from "zod";
import type { FactId } from "../../protocol/ids.ts";
import { isRecall } from "../memory.ts";
import type { ModelMessage } from "../model.ts";
import { type Before, factStated } from "./fact-stated.ts";
import { type Fact, factsTold } from "./facts.ts";
import { isWithin, type Meaning, meaningOf, PLAIN } from "./figure-meaning.ts";
import { FigureReader } from "./figure-reader.ts";
import type { Figure, FigureKind, Reading } from "./figure-text.ts";

/** What stands behind a figure that nothing known stands for. */
export const FLAG = " (unverified)";

type Kind = FigureKind | "any";

const KINDS: readonly FigureKind[] = ["money", "percent", "time", "multiple", "count", "plain"];
/** Fields that hold a share of one, which people read as a percentage. */
const SHARE = /(?:^|_)(?:share|rate|ratio|probability)$/i;

const Prose = z.looseObject({
  summary: z.string().default(""),
  assumptions: z.array(z.string()).default([]),
});
const Recalled = z.object({
  earlier: z.object({ questions: z.array(z.object({ asked: z.string() })) }),
});
const Brief = z.object({ question: z.string(), findings: z.array(z.unknown()) });

/** Fields in which a tool speaks in its own words. */
const OWN =
  /^(?:not_assessable|left_out|needs|roi_formula|change|check|rollback|stop_rule|approval)$/;

export class KnownFigures {
  readonly #facts = new Map<string, Fact>();
  readonly #numbers = new Map<Kind, number[]>();

  /** @param messages the conversation; of an assistant's words only what was not flagged is known. */
  constructor(messages: readonly ModelMessage[]) {
    const asked = messages.flatMap((message) =>
      message.role === "assistant" ? message.toolCalls.map((call) => call.arguments) : [],
    );
    for (const message of messages) {
      if (message.role === "tool") {
        this.#addResult(message.content, asked.join("\n"));
        if (isRecall(message.callId)) this.#addText(askedBefore(message.content));
      } else if (message.role === "user") this.#addText(wordsOf(message.content));
      else if (message.role === "assistant") this.#addText(message.content);
    }
    for (const numbers of this.#numbers.values()) numbers.sort((a, b) => a - b);
  }

  fact(id: string): Fact | undefined {
    return this.#facts.get(id);
  }

  /** @returns whether something known, rounded as the figure is, is that figure. */
  holds({ kind, readings }: Figure): boolean {
    const numbers = this.#numbers.get(kind === "plain" ? "any" : kind) ?? [];
    return readings.some((reading) => hasWithin(numbers, reading));
  }

  /**
   * @returns the fact that a figure states, or null where none does, or several of other meanings do.
   */
  factOf(figure: Figure, before: Before): FactId | null {
    return factStated([...this.#facts.values()], figure, before)?.id ?? null;
  }

  #addResult(content: string, asked: string): void {
    const result = parse(content);
    // Ours are JSON: other text is what a function of the caller's gave, whose word counts as the user's.
    if (result === null) this.#addText(content);
    for (const fact of factsTold(result)) {
      this.#facts.set(fact.id, fact);
      this.#add(fact.value, meaningOf(fact.unit));
    }
    this.#addFields(result, PLAIN, null);
    this.#addProse(result, asked);
  }

  /** @param unit what the nearest `unit` says of the values that go with it. */
  #addFields(value: unknown, meaning: Meaning, unit: Meaning | null): void {
    if (typeof value === "number") this.#add(value, meaning);
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (const each of value) this.#addFields(each, meaning, unit);
      return;
    }
    const fields = new Map<string, unknown>(Object.entries(value));
    const stated = fields.get("unit");
    const near = typeof stated === "string" ? meaningOf(stated) : unit;
    this.#addSpan(fields.get("from"), fields.get("to"));
    for (const [name, field] of fields) {
      const own = meaningOf(name);
      const isValue = /^(?:value|interval|low|high)$/.test(name);
      const known = own.kind !== "plain" ? own : isValue ? (near ?? meaning) : meaning;
      this.#addFields(field, known, own.kind === "plain" ? near : own);
      if (typeof field === "number" && SHARE.test(name)) this.#add(field * 100, PERCENT);
    }
  }

  /** A window is stated by its length too. */
  #addSpan(from: unknown, to: unknown): void {
    if (typeof from !== "string" || typeof to !== "string") return;
    const length = Date.parse(to) - Date.parse(from);
    if (Number.isFinite(length)) this.#add(length, { kind: "time", scale: 1 });
  }

  #addText(content: string): void {
    for (const figure of figuresIn(content)) this.#addFigure(figure);
  }

  /**
   * What a tool says in words is its own, constants too ("300 evaluations are needed"), but for what
   * it quotes: the labels of records, and what the model has asked it for.
   */
  #addProse(result: unknown, asked: string): void {
    const prose = Prose.safeParse(result);
    if (!prose.success) return;
    const { summary, assumptions, ...fields } = prose.data;
    const quoted = new Set([...figuresIn(`${labelsIn(fields).join("\n")}\n${asked}`)].map(keyOf));
    for (const figure of figuresIn([summary, ...assumptions].join("\n"))) {
      if (!quoted.has(keyOf(figure))) this.#addFigure(figure);
    }
  }

  #addFigure({ kind, readings }: Figure): void {
    // What has no unit may be meant of anything.
    const kinds = kind === "plain" ? KINDS : [kind];
    for (const { value } of readings) {
      for (const each of kinds) this.#put(each, value);
      this.#put("any", value);
    }
  }

  #add(value: number, { kind, scale }: Meaning): void {
    const size = Math.abs(value);
    this.#put(kind, size * scale);
    if (kind === "plain") {
      this.#put("count", size);
      this.#put("multiple", size);
    }
    this.#put("any", size);
  }

  #put(kind: Kind, value: number): void {
    const numbers = this.#numbers.get(kind);
    if (numbers) numbers.push(value);
    else this.#numbers.set(kind, [value]);
  }
}

const PERCENT: Meaning = { kind: "percent", scale: 1 };

/** @returns the figures of a text, but for those that were flagged in it. */
function* figuresIn(content: string): Generator<Figure> {
  let end = 0;
  for (const part of new FigureReader().read(content, true)) {
    if (part.type === "reference") continue;
    end = content.indexOf(part.text, end) + part.text.length;
    if (part.type === "figure" && !content.startsWith(FLAG, end)) yield part.figure;
  }
}

function keyOf({ readings }: Figure): string {
  return readings.map(({ value }) => value).join(" ");
}

/** @returns every text in a result that may be a label of the records. */
function labelsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => (OWN.test(name) ? [] : labelsIn(field)));
}

/** @returns what the user asked in exchanges that are told in short. */
function askedBefore(content: string): string {
  const recalled = Recalled.safeParse(parse(content));
  return (recalled.data?.earlier.questions ?? []).map(({ asked }) => asked).join("\n");
}

/** @returns the user's own words: of the brief that a part of a team works from, the question alone. */
function wordsOf(content: string): string {
  const brief = content.startsWith("{") ? Brief.safeParse(parse(content)) : null;
  return brief?.success ? brief.data.question : content;
}

/** @param sorted in ascending order. */
function hasWithin(sorted: readonly number[], reading: Reading): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < reading.value) low = middle + 1;
    else high = middle;
  }
  return [sorted[low - 1], sorted[low]].some(
    (number) => number !== undefined && isWithin(number, reading),
  );
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}
