/** Holds a run to what it may cost: counts while the model streams, and stops it in the middle where that is past. */
import { ApexError } from "../protocol/errors.ts";
import type { Model, ModelChunk, ModelRequest, ModelUsage } from "./model.ts";
import { addUsage, estimateUsage } from "./tokens.ts";

/** The cost of a call under way is looked up anew after so many characters: a look takes its time. */
const STRIDE = 64;

export interface RunBudget {
  /** What the run may cost, in US$. */
  readonly usd: number;
  /** What it has cost before, in lives that were cut off too. */
  readonly spentUsd: number;
  /** Ends the run, and with it every call under way. */
  readonly stop: (reason: ApexError) => void;
}

/**
 * @returns the model, whose calls are counted together: as the endpoint counts them, and until it
 *   does, sized from what was read and written. A call that cannot be paid for is not made. What has
 *   no known price costs nothing, so no budget stops it.
 */
export function withinBudget(model: Model, budget: RunBudget): Model {
  const { provider, models } = model;
  let settled = budget.spentUsd;
  const underWay = new Map<Call, number>();

  function assertPaid(): void {
    const spent = [...underWay.values()].reduce((sum, cost) => sum + cost, settled);
    if (spent <= budget.usd) return;
    const error = budgetExceeded(budget.usd, spent);
    budget.stop(error);
    throw error;
  }

  async function* stream(request: ModelRequest): AsyncGenerator<ModelChunk> {
    const call = new Call(request);
    const count = () => underWay.set(call, model.cost(request.model, call.usage) ?? 0);
    try {
      count();
      assertPaid();
      for await (const chunk of model.stream(request)) {
        const isDue = call.hear(chunk);
        // What was written is kept, the piece that was too much included.
        yield chunk;
        if (!isDue) continue;
        count();
        assertPaid();
      }
    } finally {
      count();
      // Nothing came of it, so nothing is charged for what it was to read.
      settled += call.isSilent ? 0 : (underWay.get(call) ?? 0);
      underWay.delete(call);
    }
  }

  return {
    provider,
    models,
    stream,
    cost: (name, usage) => model.cost(name, usage),
    window: (name) => model.window?.(name) ?? null,
  };
}

/** A call of the model while it streams. */
class Call {
  readonly #messages: ModelRequest["messages"];
  /** Characters written since it began, or began anew, and when they were last counted. */
  #written = 0;
  #reasoning = 0;
  #countedAt = 0;
  #counted: ModelUsage | null = null;
  /** What tries used that broke off. */
  #broken: ModelUsage | null = null;

  constructor({ messages }: ModelRequest) {
    this.#messages = messages;
  }

  get isSilent(): boolean {
    return this.#written === 0 && this.#counted === null && this.#broken === null;
  }

  get usage(): ModelUsage {
    const written = { output: this.#written, reasoning: this.#reasoning };
    const present = this.#counted ?? estimateUsage(this.#messages, written);
    return this.#broken === null ? present : addUsage(this.#broken, present);
  }

  /** @returns whether it is time to see what it costs. */
  hear(chunk: ModelChunk): boolean {
    switch (chunk.type) {
      case "text":
        return this.#write(chunk.text);
      case "reasoning":
        this.#reasoning += chunk.text.length;
        return this.#write(chunk.text);
      case "tool_call":
        return this.#write(chunk.call.arguments);
      case "usage":
        this.#counted = chunk.usage;
        return true;
      case "restart":
        this.#broken = this.usage;
        this.#counted = null;
        this.#written = 0;
        this.#reasoning = 0;
        this.#countedAt = 0;
        return true;
      case "finish":
        return false;
    }
  }

  #write(text: string): boolean {
    this.#written += text.length;
    if (this.#written - this.#countedAt < STRIDE) return false;
    this.#countedAt = this.#written;
    return true;
  }
}

function budgetExceeded(usd: number, spent: number): ApexError {
  const detail = `The run was stopped at its budget of $${shown(usd)}: it has used about $${shown(spent)}. What was written is kept. Raise the budget, or ask for less.`;
  return new ApexError("budget_exceeded", detail);
}

/** @returns an amount to two digits that count: budgets of runs are often below a cent. */
function shown(usd: number): string {
  return usd >= 1 ? usd.toFixed(2) : String(Number(usd.toPrecision(2)));
}
