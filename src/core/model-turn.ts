/** One turn of the model, gathered while it streams, so that what a broken turn wrote is kept. */
import { ApexError } from "../protocol/errors.ts";
import { CallId } from "../protocol/ids.ts";
import { answerText, type ModelStep, type Step, TURN_SEPARATOR } from "./checkpoint.ts";
import { newId } from "./clock.ts";
import type { TextPiece } from "./delta-stream.ts";
import type {
  Model,
  ModelChunk,
  ModelMessage,
  ModelRequest,
  ModelToolCall,
  ModelUsage,
} from "./model.ts";
import { addUsage, estimateUsage } from "./tokens.ts";

/** What a turn tells while it runs. */
export type TurnOutput =
  | ({ readonly type: "text" } & TextPiece)
  /** The stream broke and begins anew; the piece takes back what this turn had written. */
  | ({ readonly type: "restart"; readonly reason: string } & TextPiece);

type Finish = Extract<ModelChunk, { type: "finish" }>["reason"];

const NO_USAGE = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  estimated: true,
};

export class ModelTurn {
  /** What the turn wrote so far. */
  text = "";
  /** The model's own reasoning, where the endpoint gives it. */
  reasoning = "";
  calls: ModelToolCall[] = [];
  finish: Finish | null = null;
  /** What the endpoint counted. */
  #counted: ModelUsage | null = null;
  /** What the tries used that broke off before this one. */
  #broken: ModelUsage | null = null;
  readonly #messages: readonly ModelMessage[];
  readonly #before: string;
  readonly #steps: readonly Step[];

  /**
   * @param steps the run's checkpoints; it grows while other agents work beside this turn.
   * @param messages the conversation the model reads in it.
   */
  constructor(steps: readonly Step[], messages: readonly ModelMessage[]) {
    this.#messages = messages;
    this.#before = answerText(steps);
    this.#steps = steps;
  }

  /**
   * Streams the turn.
   * @throws {ApexError} what the model threw, or `model_unavailable` where it had nothing to say.
   */
  async *stream(
    model: Model,
    request: Omit<ModelRequest, "messages">,
  ): AsyncGenerator<TurnOutput, void, void> {
    for await (const chunk of model.stream({ ...request, messages: this.#messages })) {
      switch (chunk.type) {
        case "text":
          if (chunk.text !== "") yield this.#write(chunk.text);
          break;
        case "reasoning":
          this.reasoning += chunk.text;
          break;
        case "tool_call":
          this.calls.push(chunk.call);
          break;
        case "usage":
          this.#counted = chunk.usage;
          break;
        case "finish":
          this.finish = chunk.reason;
          break;
        case "restart":
          this.#clear();
          yield { type: "restart", reason: chunk.reason, ...this.piece };
      }
    }
    if (this.text === "" && this.calls.length === 0) {
      throw new ApexError("model_unavailable", "The model gave an empty answer. Please try again.");
    }
  }

  /** @returns the turn's text so far as one piece, which takes back whatever stood in its place. */
  get piece(): TextPiece {
    const separator = this.#before === "" || this.text === "" ? "" : TURN_SEPARATOR;
    return { offset: this.#before.length, text: separator + this.text };
  }

  /**
   * @returns what the turn has used, tries that broke off included: as the endpoint counted it, or
   *   sized from what was read and written; null where nothing came of it.
   */
  get usage(): ModelUsage | null {
    const present = this.#presentUsage();
    if (present === null || this.#broken === null) return present ?? this.#broken;
    return addUsage(this.#broken, present);
  }

  /**
   * @returns the turn as a checkpoint, to be committed at once: the ids of its calls are new to the
   *   run as it stands. Half a surrogate pair at the text's end is half a character lost.
   */
  toStep(): ModelStep {
    return {
      kind: "model",
      text: this.text.toWellFormed(),
      tool_calls: this.#namedCalls(),
      usage: this.usage ?? NO_USAGE,
    };
  }

  #presentUsage(): ModelUsage | null {
    if (this.#counted !== null) return this.#counted;
    const asked = this.calls.reduce((sum, call) => sum + call.arguments.length, 0);
    const reasoning = this.reasoning.length;
    const output = this.text.length + reasoning + asked;
    return output === 0 ? null : estimateUsage(this.#messages, { output, reasoning });
  }

  #write(text: string): TurnOutput {
    const separator = this.#before === "" ? "" : TURN_SEPARATOR;
    const first = this.text === "";
    const start = this.#before.length + (first ? 0 : separator.length);
    const piece = { offset: start + this.text.length, text: first ? separator + text : text };
    this.text += text;
    return { type: "text", ...piece };
  }

  /** Some endpoints count their calls anew in each turn; an id must name one call of the run. */
  #namedCalls(): ModelToolCall[] {
    const taken = new Set<string>(
      this.#steps.flatMap((step) =>
        step.kind === "model" ? step.tool_calls.map(({ id }) => id) : [],
      ),
    );
    return this.calls.map((call) => {
      const id = taken.has(call.id) ? CallId.parse(newId()) : call.id;
      taken.add(id);
      return { ...call, id };
    });
  }

  #clear(): void {
    this.#broken = this.usage;
    this.text = "";
    this.reasoning = "";
    this.calls = [];
    this.finish = null;
    this.#counted = null;
  }
}
