/** The comparing bench's clients: each shows what its contender's frames say, through a broken network too. */
import { expect, test } from "vitest";
import { apexChat } from "../../../bench/compare/apex/chat.ts";
import type { Chat } from "../../../bench/compare/chat.ts";
import { floorChat } from "../../../bench/compare/floor/chat.ts";
import { peerChat } from "../../../bench/compare/peer/chat.ts";

function hearAll(chat: Chat, frames: readonly object[]) {
  return frames.map((frame) => chat.hear(JSON.stringify(frame)));
}

test("the floor's client adds up pieces, and begins anew after the end", () => {
  const chat = floorChat("/a");
  expect(chat.ready).toBe(true);
  const heard = hearAll(chat, [{ text: "one " }, { text: "two" }, { done: true }]);
  expect(heard.map(({ text, ended }) => [text, ended])).toEqual([
    ["one ", false],
    ["two", false],
    ["", true],
  ]);
  expect(chat.answer).toBe("one two");

  hearAll(chat, [{ text: "three" }]);
  expect(chat.answer).toBe("three");
});

test("a client refuses a frame that its protocol does not have", () => {
  expect(() => floorChat("/a").hear('{"what":1}')).toThrow();
  expect(() => peerChat("/a").hear("{}")).toThrow();
  expect(() => apexChat("/a", "token").hear('"text"')).toThrow();
});

const responding = (chunk: object | null, more: object = {}) => ({
  type: "cf_agent_use_chat_response",
  id: "r",
  body: chunk === null ? "" : JSON.stringify(chunk),
  done: false,
  ...more,
});
const delta = (text: string) => responding({ type: "text-delta", id: "t", delta: text });
const start = responding({ type: "start", messageId: "m" });

test("the peer's client is ready by its identity, and sends the whole transcript with each question", () => {
  const chat = peerChat("/agents/chat-agent/x");
  chat.dial();
  expect(chat.ready).toBe(false);
  expect(chat.greeting()).toBeNull();
  hearAll(chat, [{ type: "cf_agent_identity", name: "x", agent: "chat-agent" }]);
  expect(chat.ready).toBe(true);

  const first = chat.say("Hello");
  const heard = hearAll(chat, [
    start,
    delta("Good "),
    delta("day"),
    responding(null, { done: true }),
  ]);
  expect(heard.map(({ ended }) => ended)).toEqual([false, false, false, true]);
  expect(chat.answer).toBe("Good day");

  const { init } = JSON.parse(chat.say("And now?"));
  expect(JSON.parse(init.body).messages).toMatchObject([
    { role: "user", parts: [{ text: "Hello" }] },
    { id: "m", role: "assistant", parts: [{ type: "step-start" }, { text: "Good day" }] },
    { role: "user", parts: [{ text: "And now?" }] },
  ]);
  expect(first.length).toBeLessThan(init.body.length);
});

test("the peer's client asks for its stream again, acknowledges it once, and takes no piece twice", () => {
  const chat = peerChat("/agents/chat-agent/x");
  chat.dial();
  chat.say("Hello");
  hearAll(chat, [start, delta("Good "), delta("day")]);
  chat.dial();
  expect(JSON.parse(chat.greeting() ?? "")).toMatchObject({
    type: "cf_agent_stream_resume_request",
  });
  const resuming = { type: "cf_agent_stream_resuming", id: "r" };
  const [once, twice] = hearAll(chat, [resuming, resuming]);
  expect(JSON.parse(once?.reply ?? "")).toEqual({ type: "cf_agent_stream_resume_ack", id: "r" });
  expect(twice?.reply).toBeNull();

  const again = hearAll(chat, [start, delta("Good "), delta("day"), delta(", sir")]);
  expect(again.map(({ text }) => text).join("")).toBe("Good day, sir");
  expect(chat.answer).toBe("Good day, sir");
});

test("what the peer has stored stands above what was streamed, and is in the transcript once", () => {
  const chat = peerChat("/agents/chat-agent/x");
  chat.say("Hello");
  const stored = [
    { id: "u", role: "user", parts: [{ type: "text", text: "Hello" }] },
    { id: "m", role: "assistant", parts: [{ type: "text", text: "Good day" }] },
  ];
  hearAll(chat, [
    start,
    delta("Good "),
    { type: "cf_agent_chat_messages", messages: stored },
    responding(null, { done: true }),
  ]);
  expect(chat.answer).toBe("Good day");
  const { messages } = JSON.parse(JSON.parse(chat.say("And now?")).init.body);
  expect(messages.map(({ role }: { role: string }) => role)).toEqual(["user", "assistant", "user"]);
});

test("a failure of the peer ends the measurement", () => {
  const failed = responding({ type: "error" }, { error: true, done: true });
  expect(() => hearAll(peerChat("/x"), [failed])).toThrow("The peer failed");
});

const ready = { type: "connection_ready", seq: null, data: { epoch: "e" } };
const piece = (offset: number, text: string) => ({
  type: "message_delta",
  message_id: "m",
  offset,
  text,
});

test("Apex Edge's client resumes after the last event it has, and takes a snapshot for what it is", () => {
  const chat = apexChat("/api/threads/t/socket", "token");
  expect(chat.dial()).toEqual({
    path: "/api/threads/t/socket",
    protocols: ["apex-edge", "bearer.token"],
  });
  expect(chat.ready).toBe(false);
  hearAll(chat, [ready, { type: "agent_started", seq: 7 }, piece(0, "Good "), piece(5, "day")]);
  expect(chat.ready).toBe(true);
  expect(chat.dial().path).toBe("/api/threads/t/socket?after=7&epoch=e&written=m.8.7ebf132a");

  const [, snapshot] = hearAll(chat, [ready, piece(0, "Good day, "), piece(10, "sir")]);
  expect(snapshot?.text).toBe("Good day, ");
  expect(chat.answer).toBe("Good day, sir");

  const completed = { status: "completed", final_response: "Good day, sir." };
  const [end] = hearAll(chat, [{ type: "agent_completed", seq: 8, data: completed }]);
  expect(end?.ended).toBe(true);
  expect(chat.answer).toBe("Good day, sir.");
});

test("a run of Apex Edge's that failed, and an error, end the measurement", () => {
  const failed = { type: "agent_completed", seq: 8, data: { status: "failed" } };
  expect(() => hearAll(apexChat("/x", "token"), [failed])).toThrow("failed");
  expect(() => hearAll(apexChat("/x", "token"), [{ type: "error" }])).toThrow("error");
});
