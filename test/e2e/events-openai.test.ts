/** What a run tells when the model endpoint misbehaves: each failure is met over real HTTP. */
import { beforeEach, describe, expect, inject, test } from "vitest";
import type { StepInput } from "../model-server/step.ts";
import { modelRequests, scriptModel } from "./model-script.ts";
import { newPerson, type Person } from "./person.ts";
import { openSocket } from "./recording.ts";
import { expectDeltasToMake, expectRules } from "./rules.ts";
import { eventually } from "./within.ts";

const QUESTION = "What did the tokens of last week cost?";
const ANSWER = "Nothing that a tool computed says what they cost; ask for a window of days.";

let person: Person;

beforeEach(async () => {
  person = await newPerson(inject("openaiUrl"));
});

/** Has the model play the steps to one question. @returns the run, once it has kept the rules. */
async function runAgainst(...steps: StepInput[]) {
  const before = (await modelRequests()).length;
  await scriptModel(steps);
  const live = await openSocket(person, await person.newThread());
  const { data } = await live.say(QUESTION);
  const { context, data: outcome } = await live.completed(data.run_id);
  live.close();
  const rules = expectRules(live.frames, data.run_id, person);
  expectDeltasToMake(rules.end.data.final_response, live.frames, data.run_id);
  const requests = (await modelRequests()).slice(before);
  return { ...rules, frames: live.frames, requests, outcome, threadId: context.thread_id };
}

describe("A run fails, with what the user can do about it,", () => {
  test("when the endpoint refuses the key: at once, and without a word of what it said", async () => {
    const { outcome, requests, frames, threadId } = await runAgainst({
      status: 401,
      body: '{"error":{"message":"Incorrect API key provided: sk-shared-by-the-suites"}}',
    });

    expect(outcome.status).toBe("failed");
    expect(outcome.problem).toMatchObject({ code: "model_rejected" });
    expect(outcome.problem?.detail).toContain("OPENAI_API_KEY");
    expect(requests).toHaveLength(1);
    expect(JSON.stringify(frames)).not.toContain("sk-shared");
    expect(await person.history(threadId)).toMatchObject([{}, { status: "failed" }]);
  });

  test("when the endpoint answers 500 however often it is asked", async () => {
    const { outcome, requests } = await runAgainst(
      { status: 500 },
      { status: 500 },
      { status: 500 },
    );

    expect(outcome.status).toBe("failed");
    expect(outcome.problem).toMatchObject({ code: "model_unavailable", status: 503 });
    expect(requests).toHaveLength(3);
  });

  test("when the answer is empty", async () => {
    const { outcome } = await runAgainst({ text: "" });

    expect(outcome).toMatchObject({ status: "failed", final_response: "" });
    expect(outcome.problem).toMatchObject({ code: "model_unavailable" });
  });

  test("when the endpoint asks for more patience than a run has, and says how much", async () => {
    const { outcome, requests } = await runAgainst({
      status: 429,
      headers: { "retry-after": "120" },
    });

    expect(outcome.problem).toMatchObject({ code: "rate_limited", retry_after: 120 });
    expect(requests).toHaveLength(1);
  });
});

describe("A run goes on", () => {
  test("after a 429, when the time it names has passed", async () => {
    const { outcome, requests } = await runAgainst(
      { status: 429, headers: { "retry-after": "1" } },
      { text: ANSWER },
    );

    expect(outcome).toMatchObject({ status: "completed", final_response: ANSWER });
    expect(requests).toHaveLength(2);
  });

  test("when the stream is cut in half: it begins anew, says so, and takes back what it had said", async () => {
    const { outcome, frames, requests } = await runAgainst(
      { text: "This half is going to be taken back.", cut_after_events: 4 },
      { text: ANSWER },
    );

    expect(outcome).toMatchObject({ status: "completed", final_response: ANSWER });
    expect(requests).toHaveLength(2);
    const fallbacks = frames.filter(({ type }) => type === "agent_fallback");
    expect(fallbacks).toMatchObject([{ data: { part: "model", reason: expect.any(String) } }]);
    expect(JSON.stringify(frames)).toContain("This ha");
  });

  test("whatever size the network makes the pieces of the stream, inside characters too", async () => {
    const text = "Ω ≈ ∞ — 速度, 🚀 and e\u0301.";
    const { outcome } = await runAgainst({ text, write_bytes: 1, piece: 1 });

    expect(outcome).toMatchObject({ status: "completed", final_response: text });
  });

  test("when a tool gets broken arguments: the call fails, the model is told, and answers", async () => {
    const call = { name: "usage_summary", arguments: '{"window": {"last_days": ' };
    const { outcome, calls, requests } = await runAgainst({ tool_calls: [call] }, { text: ANSWER });

    expect(calls).toMatchObject([{ tool_name: "usage_summary", status: "failed" }]);
    expect(calls[0]?.problem).toMatchObject({ code: "invalid_fields" });
    expect(outcome).toMatchObject({ status: "completed", final_response: ANSWER });
    const told = requests[1]?.body.messages.at(-1);
    expect(told).toMatchObject({ role: "tool", tool_call_id: calls[0]?.call_id });
    expect(String(told?.content)).toContain("invalid_fields");
  });

  test("when the model calls a tool that does not exist: it is told which there are", async () => {
    const { outcome, calls, requests } = await runAgainst(
      { tool_calls: [{ name: "drop_tables", arguments: {} }] },
      { text: ANSWER },
    );

    expect(calls).toMatchObject([{ tool_name: "drop_tables", status: "failed" }]);
    expect(String(requests[1]?.body.messages.at(-1)?.content)).toContain("usage_summary");
    expect(outcome.status).toBe("completed");
  });
});

test("A model that says nothing at all is hung up on when its run is cancelled", async () => {
  await scriptModel([{ hang: "after_headers" }]);
  const before = (await modelRequests()).length;
  const live = await openSocket(person, await person.newThread());
  const { data } = await live.say(QUESTION);
  const asked = async () => (await modelRequests()).at(before);
  await eventually(asked, () => "no request at the model");
  live.command({ type: "cancel", run_id: data.run_id });
  await live.completed(data.run_id);
  live.close();

  const { end } = expectRules(live.frames, data.run_id, person);
  expect(end.data).toMatchObject({ status: "cancelled", final_response: "" });
  await eventually(
    async () => ((await asked())?.aborted ? true : undefined),
    () => "the request at the model, still open",
  );
});

test("The model is given what was said before, and no more than the user's own thread", async () => {
  await scriptModel([{ text: "First answer." }, { text: "Second answer." }]);
  const before = (await modelRequests()).length;
  const threadId = await person.newThread();
  await person.ended((await person.say(threadId, "First question?")).run_id);
  await person.ended((await person.say(threadId, "Second question?")).run_id);

  const [, second] = (await modelRequests()).slice(before);
  expect(second?.body.messages).toMatchObject([
    { role: "system" },
    { role: "user", content: "First question?" },
    { role: "assistant", content: "First answer." },
    { role: "user", content: "Second question?" },
  ]);
});
