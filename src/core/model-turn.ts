/** One turn of the model, collected while it streams, so that nothing is lost if it breaks off. */
import type { CallerTool } from "../protocol/caller.ts";
import type { Grounding } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import { CallId } from "../protocol/ids.ts";
import {
  answerText,
  conversationOf,
  type ModelStep,
  type Step,
  TURN_SEPARATOR,
  toolStepsOf,
} from "./checkpoint.ts";
import { newId } from "./clock.ts";
import type { TextPiece } from "./delta-stream.ts";
import { GroundedText } from "./grounding/grounded-text.ts";
import { FLAG } from "./grounding/known-figures.ts";
import type {
  Model,
  ModelChunk,
  ModelMessage,
  ModelRequest,
  ModelToolCall,
  ModelUsage,
} from "./model.ts";
import { addUsage, estimateUsage } from "./tokens.ts";

/** What a turn yields while it streams. */
export type TurnOutput =
  | ({ readonly type: "text" } & TextPiece)
  /** The stream broke and starts again; the piece removes what this turn had written. */
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
  /** The text so far, as {@link GroundedText} lets it out: each figure is proven or flagged. */
  text = "";
  /** The model's own reasoning, if the endpoint gives it. */
  reasoning = "";
  calls: ModelToolCall[] = [];
  finish: Finish | null = null;
  /** The model that answered, as the endpoint names it. */
  responseModel: string | null = null;
  /** The tokens of this try, as the endpoint counted them. */
  #counted: ModelUsage | null = null;
  /** The tokens of earlier tries that broke off. */
  #broken: ModelUsage | null = null;
  /** How many characters the model wrote, before figures were rendered or flagged; tokens are estimated from it. */
  #written = 0;
  #grounded: GroundedText;
  readonly #messages: readonly ModelMessage[];
  readonly #sources: readonly ModelMessage[];
  readonly #before: string;
  readonly #steps: readonly Step[];

  /**
   * @param steps the run's steps. Other agents may add to this array while the turn runs.
   * @param messages the conversation that the model is to continue.
   */
  constructor(steps: readonly Step[], messages: readonly ModelMessage[]) {
    this.#messages = messages;
    const results = toolStepsOf(steps);
    const known = new Set(results.map(({ call_id }) => call_id));
    const others = messages.filter(
      (message) => message.role !== "tool" || !known.has(message.callId),
    );
    this.#sources = [...others, ...conversationOf(results)];
    this.#grounded = new GroundedText(this.#sources);
    this.#before = answerText(steps);
    this.#steps = steps;
  }

  /**
   * Streams the turn.
   * @throws {ApexError} what the model threw, or `model_unavailable` if it neither said nor called anything, or
   *   did not make a call that was required.
   */
  async *stream(
    model: Model,
    request: Omit<ModelRequest, "messages">,
  ): AsyncGenerator<TurnOutput, void, void> {
    try {
      yield* this.#follow(model, request);
    } catch (error) {
      yield* this.#write(this.#grounded.push("", true));
      throw error;
    }
    yield* this.#write(this.#grounded.push("", true));
    if (this.text === "" && this.calls.length === 0) {
      throw new ApexError("model_unavailable", "The model gave an empty answer. Please try again.");
    }
    if (request.mustCall && this.calls.length === 0) {
      throw new ApexError("model_unavailable", "The model called no function, though it had to.");
    }
  }

  async *#follow(
    model: Model,
    request: Omit<ModelRequest, "messages">,
  ): AsyncGenerator<TurnOutput, void, void> {
    for await (const chunk of model.stream({ ...request, messages: this.#messages })) {
      switch (chunk.type) {
        case "text":
          this.#written += chunk.text.length;
          yield* this.#write(this.#grounded.push(chunk.text));
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
          this.responseModel = chunk.model ?? null;
          break;
        case "restart":
          this.#clear();
          yield { type: "restart", reason: chunk.reason, ...this.piece };
      }
    }
  }

  /** Restores the text that was written before the process died in the middle of this turn. */
  restore(draft: string): void {
    this.#grounded = new GroundedText(this.#sources);
    this.text = this.#grounded.push(draft.replaceAll(FLAG, ""), true);
    this.#written = this.text.length;
  }

  /** The turn's text so far as one piece, which replaces whatever clients have in its place. */
  get piece(): TextPiece {
    const separator = this.#before === "" || this.text === "" ? "" : TURN_SEPARATOR;
    return { offset: this.#before.length, text: separator + this.text };
  }

  /**
   * The tokens the turn has used, including tries that broke off: as the endpoint counted them, or estimated
   * from the text; null if the model has written nothing.
   */
  get usage(): ModelUsage | null {
    const present = this.#presentUsage();
    if (present === null || this.#broken === null) return present ?? this.#broken;
    return addUsage(this.#broken, present);
  }

  /**
   * Half a surrogate pair at the end of the text, left by a turn that broke off, becomes U+FFFD.
   * @param callerTools functions of the client that asked: calls of these are left to it.
   * @returns the turn as a step. Commit it at once: its call ids are unique among the steps of this moment.
   */
  toStep(callerTools: readonly Pick<CallerTool, "name">[] = []): ModelStep {
    const callers = new Set(callerTools.map(({ name }) => name));
    return {
      kind: "model",
      text: this.text.toWellFormed(),
      tool_calls: this.#namedCalls().map((call) =>
        callers.has(call.name) ? { ...call, callers: true } : call,
      ),
      usage: this.usage ?? NO_USAGE,
      ...this.grounded,
    };
  }

  /** Where the turn's text states figures; empty if it states none. */
  get grounded(): { readonly grounding?: Grounding } {
    const { grounding } = this.#grounded;
    const spans = grounding.citations.length + grounding.unverified.length;
    return spans === 0 ? {} : { grounding };
  }

  #presentUsage(): ModelUsage | null {
    if (this.#counted !== null) return this.#counted;
    const asked = this.calls.reduce((sum, call) => sum + call.arguments.length, 0);
    const reasoning = this.reasoning.length;
    const output = this.#written + reasoning + asked;
    return output === 0 ? null : estimateUsage(this.#messages, { output, reasoning });
  }

  *#write(text: string): Generator<TurnOutput> {
    if (text === "") return;
    const separator = this.#before === "" ? "" : TURN_SEPARATOR;
    const first = this.text === "";
    const start = this.#before.length + (first ? 0 : separator.length);
    const piece = { offset: start + this.text.length, text: first ? separator + text : text };
    this.text += text;
    yield { type: "text", ...piece };
  }

  /** Gives calls new ids where needed: some endpoints number them from one in every turn, so ids repeat. */
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
    this.#written = 0;
    this.#grounded = new GroundedText(this.#sources);
    this.reasoning = "";
    this.calls = [];
    this.finish = null;
    this.#counted = null;
  }
}
