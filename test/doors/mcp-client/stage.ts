/** A product whose model calls connected tools as a test scripts it: the person's word, and what was told. */
import { expect } from "vitest";
import { McpServerHealth } from "../../../src/protocol/mcp-servers.ts";
import { newPerson, type Person } from "../../e2e/person.ts";
import {
  openaiSettings,
  type Product,
  startProduct,
  temporaryState,
  WITHOUT_USAGE,
} from "../../e2e/product.ts";
import { eventsOfRun, openSocket } from "../../e2e/recording.ts";
import { ofType } from "../../e2e/rules.ts";
import { type ModelServer, startModelServer } from "../../model-server/main.ts";
import type { StepInput } from "../../model-server/step.ts";

/** What the model says last, in every script. */
export const ANSWER = "That is what the server said.";

const KEY = "sk-of-connected-servers";

/** @returns a step in which the model calls a tool. */
export function calls(name: string, args: object = {}): StepInput {
  return { tool_calls: [{ name, arguments: args }] };
}

/** A product of its own: a script that is shared would be another file's too. */
export class Stage {
  readonly #models: ModelServer;
  readonly #product: Product;
  readonly #running: AsyncDisposableStack;

  private constructor(models: ModelServer, product: Product, running: AsyncDisposableStack) {
    this.#models = models;
    this.#product = product;
    this.#running = running;
  }

  static async start(): Promise<Stage> {
    const running = new AsyncDisposableStack();
    try {
      const models = await startModelServer();
      running.defer(() => models.close());
      const state = await temporaryState();
      running.defer(() => state.remove());
      const settings = { ...WITHOUT_USAGE, ...openaiSettings(models.url, KEY) };
      const product = await startProduct(state.path, settings);
      running.defer(async () => void (await product.stop()));
      return new Stage(models, product, running);
    } catch (error) {
      await running.disposeAsync();
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.#running.disposeAsync();
  }

  /** @returns somebody new. */
  person(): Promise<Person> {
    return newPerson(this.#product.url);
  }

  /** @returns somebody new who has connected a server. */
  async personWith(
    url: string,
    name = "remote",
  ): Promise<{ person: Person; server: McpServerHealth }> {
    const person = await this.person();
    const answer = await person.request("POST", "/api/mcp/servers", { name, url });
    expect(answer.status).toBe(201);
    return { person, server: McpServerHealth.parse(await answer.json()) };
  }

  /** Asks something in a new thread. @returns the run that has begun, and the socket that tells of it. */
  async beginRun(person: Person, steps: readonly StepInput[]) {
    this.#models.script(KEY, steps);
    return await this.saysSo(person);
  }

  /** As {@link Stage.beginRun}, by the script that is there. */
  async saysSo(person: Person) {
    const live = await openSocket(person, await person.newThread());
    const { data } = await live.say("Please ask my server.");
    return { live, runId: data.run_id };
  }

  /**
   * Asks something, and sees the run to its end.
   * @param decisions what the person says to each question, in order.
   */
  async runWith(
    person: Person,
    steps: readonly StepInput[],
    decisions: readonly ("approved" | "rejected")[] = [],
  ) {
    const before = this.#models.requests(KEY).length;
    const { live, runId } = await this.beginRun(person, [...steps, { text: ANSWER }]);
    const asked = new Set<string>();
    for (const decision of decisions) {
      const { data: question } = await live.frame("approval_requested", ({ data: { call_id } }) => {
        return !asked.has(call_id);
      });
      asked.add(question.call_id);
      live.command({ type: "approve", call_id: question.call_id, decision });
    }
    const end = await live.completed(runId);
    live.close();
    const events = eventsOfRun(live.frames, runId);
    const made = ofType(events, "tool_completed").map((event) => event.data);
    const requests = this.#models.requests(KEY).slice(before);
    return { calls: made, end, frames: live.frames, requests };
  }
}
