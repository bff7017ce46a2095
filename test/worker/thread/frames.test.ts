/** What clients must not send, or cannot have: each gets a typed error, and changes nothing. */
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { MAX_FRAME_BYTES, MAX_MESSAGE_LENGTH } from "../../../src/protocol/limits.ts";
import { FORBIDDEN_FIELDS } from "../http/forbidden-fields.ts";
import { somebody } from "../http/somebody.ts";
import { type Client, eventually, fieldsOf } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { A_TOKENS_LIFE, oldToken } from "./tokens.ts";

let thread: Conversation;
let client: Client;
beforeAll(async () => {
  thread = await beginThread();
  client = await thread.connect();
});

afterEach(() => {
  vi.useRealTimers();
});

const says = (more: object) => ({ type: "user_message", content: "hello", ...more });

describe("a frame that is no command", () => {
  it.each([
    ["broken JSON", "{", "malformed_body"],
    ["an empty frame", "", "malformed_body"],
    ["text", "hello", "malformed_body"],
    ["NaN", '{"type":NaN}', "malformed_body"],
    ["a frame too large", " ".repeat(MAX_FRAME_BYTES + 1), "too_large"],
    ["a frame too large in UTF-8 alone", "é".repeat(MAX_FRAME_BYTES / 2 + 1), "too_large"],
    ["no object", "[]", "invalid_fields"],
    ["null", "null", "invalid_fields"],
    ["no type", '{"content":"hello"}', "invalid_fields"],
    ["a type that is no text", '{"type":1}', "invalid_fields"],
    ["nothing but depth", "[".repeat(30_000) + "]".repeat(30_000), "invalid_fields"],
  ])("as %s is refused and changes nothing", async (_, frame, code) => {
    const before = await thread.rowCounts();
    const { problem, command } = await client.refused(frame);

    expect(problem.code).toBe(code);
    expect(problem.errors?.map(({ field }) => field)).toEqual(
      code === "invalid_fields" ? ["type"] : undefined,
    );
    expect(command).toBeNull();
    expect(await thread.rowCounts()).toEqual(before);
  });

  it("as binary is refused", async () => {
    const from = client.frames.length;
    client.sendRaw(new ArrayBuffer(8));

    const { data } = await client.frame("error", undefined, from);
    expect(data.problem.code).toBe("unsupported_frame");
    expect(await thread.rowCounts()).toMatchObject({ runs: 0, events: 0 });
  });

  it.each(["hello", "agent_completed", "__proto__", "constructor", "USER_MESSAGE", ""])(
    "of the unknown type %j is refused by name",
    async (type) => {
      const { problem, command } = await client.refused({ type, client_message_id: "mine" });

      expect(problem).toMatchObject({ code: "unknown_command", errors: [{ field: "type" }] });
      expect(command).toBe(type);
    },
  );
});

describe("a command at fault", () => {
  it.each([
    ["an empty content", says({ content: "" }), "content"],
    ["a blank content", says({ content: " \n\t" }), "content"],
    ["no content", says({ content: undefined }), "content"],
    ["a content too long", says({ content: "x".repeat(MAX_MESSAGE_LENGTH + 1) }), "content"],
    ["half a surrogate pair", says({ content: "\ud83d" }), "content"],
    ["a NUL", says({ content: "a\u0000b" }), "content"],
    ["an unknown agent", says({ agent: "nobody" }), "agent"],
    ["an unknown model", says({ model: "gpt-0" }), "model"],
    ["an empty client_message_id", says({ client_message_id: "" }), "client_message_id"],
    ["a client_message_id that is no text", says({ client_message_id: 7 }), "client_message_id"],
    ["a decision that is none", { type: "approve", call_id: "c", decision: "maybe" }, "decision"],
    ["a position below zero", { type: "resume", after: -1, epoch: "e" }, "after"],
    ["a position without an epoch", { type: "resume", after: 1 }, "epoch"],
    ["no token", { type: "reauthenticate" }, "token"],
  ])("for %s names the field and changes nothing", async (_, command, field) => {
    const before = await thread.rowCounts();
    const { problem, command: type } = await client.refused(command);

    expect(type).toBe(command.type);
    expect(problem.code).toBe("invalid_fields");
    expect(fieldsOf(problem)).toEqual([field]);
    expect(await thread.rowCounts()).toEqual(before);
  });

  it.each([
    [
      "approves a call that does not wait",
      { type: "approve", call_id: "c", decision: "approved" },
      "call_id",
    ],
    ["cancels a run that is not", { type: "cancel", run_id: "missing" }, "run_id"],
    ["cancels while nothing runs", { type: "cancel" }, "run_id"],
  ])("where it %s is told so", async (_, command, field) => {
    const before = await thread.rowCounts();
    const { problem } = await client.refused(command);

    expect(problem).toMatchObject({ code: "not_found", errors: [{ field }] });
    expect(await thread.rowCounts()).toEqual(before);
  });

  it("brings its client_message_id back, so that its sender knows which one it was", async () => {
    const refusal = await client.refused(says({ content: "", client_message_id: "mine" }));

    expect(refusal).toMatchObject({ command: "user_message", client_message_id: "mine" });
  });

  it("is told to its sender alone", async () => {
    const other = await thread.connect();
    await client.refused({ type: "hello" });
    other.sendRaw('{ "type": "ping" }');
    await other.frame("pong");

    expect(other.frames.map(({ type }) => type)).toEqual(["connection_ready", "pong"]);
  });
});

it("the socket is open after all of that, and answers a ping, spelled as it may be", async () => {
  const from = client.frames.length;
  client.sendRaw('{"type":"ping"}');
  await client.frame("pong", undefined, from);
  client.sendRaw('{ "type": "ping" }');

  await eventually(async () =>
    expect(client.frames.slice(from).map(({ type }) => type)).toEqual(["pong", "pong"]),
  );
});

describe("a command that would write the history itself", () => {
  it.each([...FORBIDDEN_FIELDS, "user_id", "context"])(
    "by %s is refused and changes nothing",
    async (field) => {
      const before = await thread.rowCounts();
      const { problem, command } = await client.refused(says({ [field]: "mine" }));

      expect(command).toBe("user_message");
      expect(problem.code).toBe("invalid_fields");
      expect(fieldsOf(problem)).toEqual([field]);
      expect(await thread.rowCounts()).toEqual(before);
    },
  );

  it.each([
    { type: "cancel", status: "completed" },
    { type: "resume", after: 0, epoch: "e", connection_id: "mine" },
    { type: "ping", seq: 1 },
  ])("$type is refused like any other", async (command) => {
    const { problem } = await client.refused(command);
    expect(problem.code).toBe("invalid_fields");
    expect(fieldsOf(problem)).toEqual([Object.keys(command).at(-1)]);
  });
});

describe("a socket whose token has run out", () => {
  const later = () => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + A_TOKENS_LIFE });

  it("is told so at its next command, and closed with 4401", async () => {
    const own = await beginThread();
    const speaker = await own.connect();
    later();
    const { problem } = await speaker.refused(says({}));

    expect(problem.code).toBe("token_expired");
    expect(await speaker.closed).toBe(4401);
    expect(await own.rowCounts()).toMatchObject({ runs: 0, events: 0 });
  });

  it("lives on with a new token of the same user", async () => {
    const own = await beginThread();
    const speaker = await own.connect();
    later();
    speaker.send({ type: "reauthenticate", token: await oldToken(own.owner, 0) });

    const { run_id } = await speaker.say("hello again");
    await speaker.completed(run_id);
  });
});

describe("a new token is not taken", () => {
  it("where it is none, is another user's or has run out; the old one stands", async () => {
    const foreign = await somebody();
    const expired = await oldToken(thread.owner, A_TOKENS_LIFE);
    for (const [token, code] of [
      ["not.a.token", "token_invalid"],
      [thread.owner.refresh_token, "token_invalid"],
      [foreign.access_token, "forbidden"],
      [expired, "token_expired"],
    ] as const) {
      const { problem, command } = await client.refused({ type: "reauthenticate", token });
      expect(problem.code).toBe(code);
      expect(command).toBe("reauthenticate");
    }

    const { run_id } = await client.say("still here");
    await client.completed(run_id);
  });
});
