/** The five events of a run and their rules, with either provider, on every way a client can follow a run. */
import { beforeEach, describe, expect, test } from "vitest";
import { AcceptedMessage } from "../../src/protocol/api.ts";
import { Run } from "../../src/protocol/entities.ts";
import { isLogged } from "../../src/protocol/frames.ts";
import type { ThreadId } from "../../src/protocol/ids.ts";
import { formatEventId } from "../../src/protocol/sse.ts";
import { newPerson, type Person } from "./person.ts";
import { PROVIDERS } from "./providers.ts";
import { eventsOfRun, followThread, openSocket, sayAndFollow } from "./recording.ts";
import { expectDeltasToMake, expectGapless, expectRules } from "./rules.ts";

describe.each(PROVIDERS)("With the provider $name", ({ url, prepare }) => {
  let person: Person;
  let threadId: ThreadId;

  beforeEach(async () => {
    person = await newPerson(url());
    threadId = await person.newThread();
  });

  test("a run that is cancelled while it writes keeps what it wrote, and keeps the rules", async () => {
    const [question = ""] = await prepare("long");
    const live = await openSocket(person, threadId);
    const { data } = await live.say(question);
    await live.frame("message_delta", ({ text }) => text !== "");
    live.command({ type: "cancel", run_id: data.run_id });
    await live.completed(data.run_id);
    live.close();

    const { end } = expectRules(live.frames, data.run_id, person);
    expect(end.data.status).toBe("cancelled");
    expect(end.data.final_response).not.toBe("");
    expectDeltasToMake(end.data.final_response, live.frames, data.run_id);
    const [, answer] = await person.history(threadId);
    expect(answer).toMatchObject({ status: "cancelled", content: end.data.final_response });
    expect(await person.run(data.run_id)).toMatchObject({ status: "cancelled" });
  });

  test("a run that is cancelled while it waits ends in its turn, without a word, and keeps the rules", async () => {
    const [question = ""] = await prepare("long");
    const live = await openSocket(person, threadId);
    const first = await live.say(question);
    const second = await live.say("This one waits behind the other, and is not to begin.");
    expect(second.data.queue_position).toBe(1);
    live.command({ type: "cancel", run_id: second.data.run_id });
    live.command({ type: "cancel", run_id: first.data.run_id });
    await live.completed(second.data.run_id);
    live.close();

    const { end, calls } = expectRules(live.frames, second.data.run_id, person);
    expect(end.data).toMatchObject({ status: "cancelled", final_response: "" });
    expect(calls).toEqual([]);
    expect(end.data.usage.model_calls).toBe(0);
    expect(expectRules(live.frames, first.data.run_id, person).end.seq).toBeLessThan(end.seq);
    expectGapless(live.frames);
  });

  test("a run that is cancelled over HTTP ends as cancelled", async () => {
    const [question = ""] = await prepare("long");
    const live = await openSocket(person, threadId);
    const { data } = await live.say(question);
    await live.frame("message_delta", ({ text }) => text !== "");
    const answer = await person.request("POST", `/api/runs/${data.run_id}/cancel`);

    expect(answer.status).toBe(202);
    expect(Run.parse(await answer.json()).id).toBe(data.run_id);
    expect((await live.completed(data.run_id)).data.status).toBe("cancelled");
    live.close();
  });

  test("a run with tools keeps the rules over the WebSocket", async () => {
    const [question = ""] = await prepare("with tools");
    const live = await openSocket(person, threadId);
    const { data } = await live.say(question);
    await live.completed(data.run_id);
    live.close();

    const { started, calls, end } = expectRules(live.frames, data.run_id, person);
    expect(started?.data.agent_type).toBe("supervisor");
    expect(calls.map(({ tool_name }) => tool_name)).toEqual(["usage_summary", "cost_breakdown"]);
    expect(calls.map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
    expect(end.data.status).toBe("completed");
    expect(end.data.usage.model_calls).toBe(2);
    const callIds = calls.map(({ call_id }) => call_id);
    expect(new Set(end.data.results.findings.map(({ call_id }) => call_id))).toEqual(
      new Set(callIds),
    );
    expectDeltasToMake(end.data.final_response, live.frames, data.run_id);
    expectGapless(live.frames);
  });

  test("the history holds a run's question and answer when it has ended", async () => {
    const [question = ""] = await prepare("with tools");
    const live = await openSocket(person, threadId);
    const { data } = await live.say(question);
    const end = await live.completed(data.run_id);
    live.close();

    expect(end.data.persisted).toBe(true);
    expect(await person.history(threadId)).toMatchObject([
      { id: data.message_id, role: "user", content: question, status: "complete" },
      {
        id: end.data.message_id,
        role: "assistant",
        content: end.data.final_response,
        status: "complete",
        agent: "supervisor",
      },
    ]);
  });

  test("small talk takes no tool, and keeps the rules", async () => {
    const [question = ""] = await prepare("small talk");
    const live = await openSocket(person, threadId);
    const { data } = await live.say(question);
    await live.completed(data.run_id);
    live.close();

    const { calls, end } = expectRules(live.frames, data.run_id, person);
    expect(calls).toEqual([]);
    expect(end.data).toMatchObject({ status: "completed", results: { findings: [] } });
    expectDeltasToMake(end.data.final_response, live.frames, data.run_id);
  });

  test("the answer to a message that accepts an event stream is its run alone, to its end", async () => {
    const [question = ""] = await prepare("with tools");
    const stream = await sayAndFollow(person, threadId, question);
    const { context } = await stream.frame("agent_completed");
    await stream.ended;

    expect(stream.response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(stream.frames.at(-1)?.type).toBe("agent_completed");
    const { end } = expectRules(stream.frames, context.run_id, person);
    expectDeltasToMake(end.data.final_response, stream.frames, context.run_id);
    expect(stream.heads.map(({ event }) => event)).toEqual(stream.frames.map(({ type }) => type));
  });

  test("the thread's event stream tells what the WebSocket tells, with positions to resume from", async () => {
    const [question = ""] = await prepare("with tools");
    const [live, stream] = await Promise.all([
      openSocket(person, threadId),
      followThread(person, threadId),
    ]);
    const { data } = await live.say(question);
    await Promise.all([live.completed(data.run_id), stream.completed(data.run_id)]);
    live.close();
    stream.close();

    const logged = stream.frames.filter(isLogged);
    expect(logged).toEqual(live.frames.filter(isLogged));
    const { epoch } = (await stream.frame("connection_ready")).data;
    const ids = stream.frames.map((frame) =>
      isLogged(frame) ? formatEventId(epoch, frame.seq) : undefined,
    );
    expect(stream.heads.map(({ id }) => id)).toEqual(ids);

    const third = await followThread(person, threadId, formatEventId(epoch, 3));
    await third.completed(data.run_id);
    third.close();
    expect(third.frames.filter(isLogged)).toEqual(logged.slice(3));
  });

  test("a run that nobody follows is polled to its end, and can be read in full afterwards", async () => {
    const [question = ""] = await prepare("with tools");
    const accepted = await person.request("POST", `/api/threads/${threadId}/messages`, {
      content: question,
    });
    expect(accepted.status).toBe(202);
    const { run_id } = AcceptedMessage.parse(await accepted.json());
    expect(accepted.headers.get("location")).toBe(`/api/runs/${run_id}`);
    const run = await person.ended(run_id);
    const later = await openSocket(person, threadId);
    await later.completed(run.id);
    later.close();

    const { end } = expectRules(later.frames, run.id, person);
    expect(run).toMatchObject({
      status: "completed",
      final_response: end.data.final_response,
      usage: end.data.usage,
      answer_id: end.data.message_id,
    });
  });

  test("a client that joins while an answer is written has the whole of it", async () => {
    const [question = ""] = await prepare("long");
    const live = await openSocket(person, threadId);
    const { data } = await live.say(question);
    await live.frame("message_delta", ({ offset }) => offset > 0);
    const late = await openSocket(person, threadId);
    await late.frame("message_delta");
    live.command({ type: "cancel" });
    const end = await late.completed(data.run_id);
    live.close();
    late.close();

    expectDeltasToMake(end.data.final_response, late.frames, data.run_id);
    expect(eventsOfRun(late.frames, data.run_id)).toEqual(eventsOfRun(live.frames, data.run_id));
  });
});
