/** What each kind of frame does to the view: text, connections, and the lines of a run. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApexError } from "../../../src/protocol/errors.ts";
import { AgentFallback } from "../../../src/protocol/events.ts";
import { MessageId, RunId } from "../../../src/protocol/ids.ts";
import { problemOf } from "../../../src/protocol/problem-of.ts";
import { applyDelta, project } from "../../../src/protocol/projection.ts";
import { EMPTY_THREAD } from "../../../src/protocol/thread-view.ts";
import { codePoint, parsedOf } from "./arbitraries.ts";
import { anyLog, eventsOf, fold, ready, withoutEdits } from "./logs.ts";

describe("pieces of text", () => {
  const piece = fc.string({ unit: codePoint, maxLength: 6 });

  test("are cut by nothing but a smaller offset, which takes back what stood behind it", () => {
    fc.assert(
      fc.property(piece, piece, fc.nat(12), (text, next, offset) => {
        const after = applyDelta(text, { offset, text: next });
        expect(after).toBe(offset > text.length ? text : text.slice(0, offset) + next);
      }),
    );
    expect(applyDelta("broken stream", { offset: 0, text: "anew" })).toBe("anew");
  });

  test("change nothing when the last of them comes again, whole or in part", () => {
    fc.assert(
      fc.property(piece, piece, fc.nat(6), (text, next, cut) => {
        const after = applyDelta(text, { offset: text.length, text: next });
        expect(applyDelta(after, { offset: text.length, text: next })).toBe(after);
        const part = { offset: Math.min(cut, after.length), text: after.slice(cut) };
        expect(applyDelta(after, part)).toBe(after);
      }),
    );
  });

  test("come to nothing where their forerunner is missing", () => {
    expect(applyDelta("abc", { offset: 4, text: "e" })).toBe("abc");
  });

  test("come to nothing once the answer has ended, or for a message nobody knows", () => {
    fc.assert(
      fc.property(anyLog, piece, (log, text) => {
        const view = fold(log);
        for (const id of ["answer-0", "question-0", "nobody's"]) {
          const late = { type: "message_delta", message_id: MessageId.parse(id), offset: 0, text };
          expect(fold([{ ...late, type: "message_delta" }], view)).toEqual(view);
        }
      }),
    );
  });
});

describe("a connection", () => {
  test("keeps what was seen of a log it recovers", () => {
    const view = fold([ready({ recovered: true, replay_after: 0 })], {
      ...EMPTY_THREAD,
      lastSeq: 7,
    });
    expect(view).toMatchObject({ threadId: "thread", epoch: "e", lastSeq: 7, stale: false });
  });

  test("says stale where another epoch began, even if the server calls it recovered", () => {
    const first = fold([ready({ recovered: true, replay_after: 0 }, "first")]);
    const second = project(first, ready({ recovered: true, replay_after: 3 }, "second"));
    expect(second).toMatchObject({ epoch: "second", lastSeq: 3, stale: true });
  });

  test("forgets a run whose end may have been missed, and keeps those that have ended", () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const events = eventsOf(log);
        const cut = events.findIndex(({ type }) => type === "agent_started") + 1;
        const seen = fold([ready({ recovered: true, replay_after: 0 }), ...events.slice(0, cut)]);
        const missed = project(seen, ready({ recovered: false, replay_after: 1_000 }));
        const whole = fold([ready({ recovered: true, replay_after: 0 }), ...events]);
        const kept = project(whole, ready({ recovered: false, replay_after: 1_000 }));
        expect(Object.values(missed.runs).filter(({ status }) => status === "running")).toEqual([]);
        expect(kept.runs).toEqual(
          Object.fromEntries(Object.entries(whole.runs).filter(([, run]) => run.usage !== null)),
        );
      }),
    );
  });

  test("is not changed by a pong or an error, which end nothing", () => {
    const problem = problemOf(new ApexError("unknown_command", "No."));
    const { context } = ready({ recovered: true, replay_after: 0 });
    const data = { problem, command: null, client_message_id: null };
    const frames = [{ type: "pong" }, { type: "error", seq: null, context, data }] as const;
    expect(fold(frames)).toBe(EMPTY_THREAD);
  });
});

test("a run id that names a part of every object is a run like any other", () => {
  fc.assert(
    fc.property(
      parsedOf(AgentFallback),
      fc.constantFrom("constructor", "__proto__", "toString"),
      (event, id) => {
        const context = { ...event.context, run_id: RunId.parse(id) };
        const { runs } = fold([{ ...event, context }]);
        expect(Object.keys(runs)).toEqual([id]);
        expect(Object.values(runs)).toMatchObject([{ id, status: "queued", plan: [] }]);
      },
    ),
    { numRuns: 10 },
  );
});

test("a run shows its plan, every line of its work in order, and its outcome", () => {
  fc.assert(
    fc.property(anyLog, (log) => {
      const view = fold(log);
      const said = fold(withoutEdits(log)).messages;
      const logged = eventsOf(log);
      for (const event of logged) {
        const run = event.context.run_id === null ? undefined : view.runs[event.context.run_id];
        const line = run?.timeline.find(({ seq }) => seq === event.seq);
        switch (event.type) {
          case "message_accepted":
            expect(said.find(({ seq }) => seq === event.seq)).toMatchObject({
              role: "user",
              text: event.data.content,
              status: "complete",
            });
            break;
          case "agent_started":
            expect(run?.plan).toEqual(event.data.plan);
            expect(run?.agent).toBe(event.data.agent_type);
            break;
          case "agent_thinking":
            expect(line).toMatchObject({ kind: "thinking", text: event.data.reasoning });
            break;
          case "handoff":
            expect(line).toMatchObject({ kind: "handoff", to: event.data.to });
            break;
          case "agent_fallback":
            expect(line).toMatchObject({ kind: "fallback", action: event.data.action });
            break;
          case "tool_executing":
            expect(line).toMatchObject({ kind: "tool", operation: event.data.operation });
            expect(line).not.toMatchObject({ status: "executing" });
            break;
          case "tool_completed":
            expect(run?.timeline).toContainEqual(
              expect.objectContaining({ callId: event.data.call_id, kind: "tool" }),
            );
            break;
          case "agent_completed":
            expect(run).toMatchObject({ status: event.data.status, usage: event.data.usage });
            expect(run?.findings).toEqual(event.data.results.findings);
            expect(run?.problem).toEqual(event.data.problem ?? null);
            break;
        }
      }
      const titles = logged.flatMap((event) =>
        event.type === "thread_updated" ? [event.data.title] : [],
      );
      expect(view.title).toBe(titles.at(-1) ?? null);
      const lines = Object.values(view.runs).flatMap(({ timeline }) => timeline);
      const told = ["agent_thinking", "handoff", "agent_fallback", "tool_executing"];
      expect(lines).toHaveLength(logged.filter(({ type }) => told.includes(type)).length);
    }),
  );
});
