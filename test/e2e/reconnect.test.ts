/** The SDK on a bad network: it comes back by itself, loses nothing, and says nothing twice. */
import { afterEach, describe, expect, inject, test } from "vitest";
import type { ServerFrame } from "../../src/protocol/events.ts";
import { isLogged } from "../../src/protocol/frames.ts";
import type { MessageView } from "../../src/protocol/thread-view.ts";
import { type CuttingProxy, startCuttingProxy } from "./cutting-proxy.ts";
import { scriptModel } from "./model-script.ts";
import { newPerson } from "./person.ts";
import { openSocket } from "./recording.ts";
import { expectGapless, expectRules } from "./rules.ts";
import { eventually } from "./within.ts";

/** Bytes, compressed as they travel: within the handshake, the first frame, a result, an answer. */
const CUTS = [100, 600, 1_000, 1_600];

let proxy: CuttingProxy;

afterEach(() => proxy.close());

describe("Over a connection that is cut again and again", () => {
  test("every event arrives once and in order, and every message is taken once", async () => {
    const first = "The first answer, with an emoji 🚀 in the middle of it. ".repeat(5).trim();
    await scriptModel([
      { tool_calls: [{ name: "usage_summary", arguments: {} }] },
      { text: first, pace_ms: 60 },
      { text: "The second answer." },
    ]);
    const person = await newPerson(inject("openaiUrl"));
    const threadId = await person.newThread();
    proxy = await startCuttingProxy(person.url, CUTS);
    const client = await person.client(proxy.url);
    const frames: ServerFrame[] = [];
    const written = new Set<string>();
    const connection = client.connect(threadId, {
      onFrame: (frame) => frames.push(frame),
      onChange: ({ messages }) => written.add(messages.find(isAnswer)?.text ?? ""),
    });
    const accepted = await Promise.all([
      connection.send("The first question"),
      connection.send("The second question"),
    ]);
    const [one, two] = accepted.map(({ run_id }) => run_id);
    if (!one || !two) throw new Error("Two messages were said.");
    await eventually(
      () => connection.view.runs[two]?.status === "completed" || undefined,
      () => `${proxy.cuts} cuts, ${frames.map(({ type }) => type).join(" ")}`,
    );
    const { messages } = connection.view;
    connection.close();

    expect(proxy.cuts).toBe(CUTS.length);
    const truth = await openSocket(person, threadId);
    await truth.completed(two);
    truth.close();
    expect(frames.filter(isLogged)).toEqual(truth.frames.filter(isLogged));
    expectGapless(frames);
    expectRules(frames, one, person);
    expectRules(frames, two, person);
    expect([...written].filter((text) => !first.startsWith(text))).toEqual([]);
    const history = await person.history(threadId);
    expect(messages.map(({ id, text }) => [id, text])).toEqual(
      history.map(({ id, content }) => [id, content]),
    );
    expect(history).toHaveLength(4);
    expect(new Set(history.map(({ content }) => content))).toEqual(
      new Set(["The first question", first, "The second question", "The second answer."]),
    );
  });
});

describe("Without a cut", () => {
  test("the SDK makes a thread by connecting, renames it, cancels over HTTP, and deletes it", async () => {
    await scriptModel([{ text: "No end to this", hang: "after_content" }]);
    const person = await newPerson(inject("openaiUrl"));
    proxy = await startCuttingProxy(person.url, []);
    const client = await person.client(proxy.url);
    const connection = client.connect(null);
    const { thread_id, run_id } = await connection.send("A question");
    const answer = () => connection.view.messages.find(isAnswer);
    await eventually(
      () => answer()?.text || undefined,
      () => "no answer",
    );
    await client.threads.update(thread_id, { title: "Renamed" });
    expect(await client.runs.cancel(run_id)).toMatchObject({ id: run_id });
    await eventually(
      () => connection.view.runs[run_id]?.status === "cancelled" || undefined,
      () => JSON.stringify(connection.view.runs),
    );

    expect(answer()).toMatchObject({ status: "cancelled", text: "No end to this" });
    expect(connection.view.title).toBe("Renamed");
    await client.threads.delete(thread_id);
    await eventually(
      () => (connection.status === "closed" ? connection.error : null) ?? undefined,
      () => connection.status,
    );
    expect(connection.error?.code).toBe("not_found");
    await expect(client.threads.get(thread_id)).rejects.toMatchObject({ code: "not_found" });
  });
});

function isAnswer({ role }: MessageView): boolean {
  return role === "assistant";
}
