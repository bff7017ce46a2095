/** A run whose model calls connected tools, as a test drives it: the script, the person's word, and what was told. */
import { expect, inject } from "vitest";
import { McpServerHealth } from "../../../src/protocol/mcp-servers.ts";
import { modelRequests, scriptModel } from "../../e2e/model-script.ts";
import { newPerson, type Person } from "../../e2e/person.ts";
import { eventsOfRun, openSocket } from "../../e2e/recording.ts";
import { ofType } from "../../e2e/rules.ts";
import type { StepInput } from "../../model-server/step.ts";

/** What the model says last, in every script. */
export const ANSWER = "That is what the server said.";

/** @returns somebody new who has connected a server. */
export async function personWith(
  url: string,
  name = "remote",
): Promise<{ person: Person; server: McpServerHealth }> {
  const person = await newPerson(inject("openaiUrl"));
  const answer = await person.request("POST", "/api/mcp/servers", { name, url });
  expect(answer.status).toBe(201);
  return { person, server: McpServerHealth.parse(await answer.json()) };
}

/** @returns a step in which the model calls a tool. */
export function calls(name: string, args: object = {}): StepInput {
  return { tool_calls: [{ name, arguments: args }] };
}

/**
 * Asks something, and sees the run to its end.
 * @param decisions what the person says to each question, in order; what is asked past them fails the test.
 */
export async function runWith(
  person: Person,
  steps: readonly StepInput[],
  decisions: readonly ("approved" | "rejected")[] = [],
) {
  const before = (await modelRequests()).length;
  await scriptModel([...steps, { text: ANSWER }]);
  const live = await openSocket(person, await person.newThread());
  const { data } = await live.say("Please ask my server.");
  const asked = new Set<string>();
  for (const decision of decisions) {
    const { data: question } = await live.frame("approval_requested", ({ data: { call_id } }) => {
      return !asked.has(call_id);
    });
    asked.add(question.call_id);
    live.command({ type: "approve", call_id: question.call_id, decision });
  }
  const end = await live.completed(data.run_id);
  live.close();
  const events = eventsOfRun(live.frames, data.run_id);
  const calls = ofType(events, "tool_completed").map((event) => event.data);
  const requests = (await modelRequests()).slice(before);
  return { calls, end, frames: live.frames, requests };
}
