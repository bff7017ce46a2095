/** A model that needs no key and no network: deterministic, and open about not being a language model. */
import { type Clock, newId } from "../core/clock.ts";
import type { Model, ModelChunk, ModelRequest } from "../core/model.ts";
import { estimateUsage } from "../core/tokens.ts";
import { CallId } from "../protocol/ids.ts";
import { answerTurn } from "./demo-answer.ts";
import { callerTurn } from "./demo-caller.ts";
import { planTurn } from "./demo-plan.ts";
import { teamTurn } from "./demo-team.ts";

export interface DemoOptions {
  /** The pause before each piece of text, in milliseconds; 0 for none. */
  readonly paceMs: number;
  readonly clock: Clock;
}

/** @returns the demo: it picks tools by the words of a question, then restates their results. */
export function demoModel({ paceMs, clock }: DemoOptions): Model {
  async function* stream(request: ModelRequest): AsyncGenerator<ModelChunk> {
    const { messages, mustCall = false, tools, signal } = request;
    const turn =
      teamTurn(messages, tools) ??
      callerTurn(messages, tools, mustCall) ??
      answerTurn(messages) ??
      planTurn(messages, tools);
    for (const [index, sentence] of turn.reasoning.entries()) {
      signal.throwIfAborted();
      yield { type: "reasoning", text: index === 0 ? sentence : ` ${sentence}` };
    }
    for (const text of turn.text.match(/\s*\S+/g) ?? []) {
      if (paceMs > 0) await clock.sleep(paceMs, signal);
      signal.throwIfAborted();
      yield { type: "text", text };
    }
    for (const call of turn.calls) {
      yield { type: "tool_call", call: { id: CallId.parse(`call_${newId()}`), ...call } };
    }
    const reasoning = turn.reasoning.join("").length;
    const asked = turn.calls.reduce((sum, call) => sum + call.arguments.length, 0);
    const output = reasoning + turn.text.length + asked;
    yield { type: "usage", usage: estimateUsage(messages, { output, reasoning }) };
    yield { type: "finish", reason: turn.calls.length > 0 ? "tool_calls" : "stop" };
  }

  return { provider: "demo", models: ["demo"], stream, cost: () => 0 };
}
