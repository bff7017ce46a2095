/** The fold: however its frames come (again, late, in part), it never shows what was not said. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Message } from "../../../src/protocol/entities.ts";
import { project, withHistory } from "../../../src/protocol/projection.ts";
import { EMPTY_THREAD } from "../../../src/protocol/thread-view.ts";
import {
  anyLog,
  eventsOf,
  fold,
  type LogFrame,
  ready,
  supersededIn,
  withoutEdits,
} from "./logs.ts";

/** The messages of a log as the history holds them, those that were superseded among them. */
function everSaved(log: readonly LogFrame[]): Message[] {
  const superseded = supersededIn(log);
  return fold(withoutEdits(log)).messages.map((message) =>
    Message.parse({
      id: message.id,
      thread_id: "thread",
      run_id: message.runId,
      seq: message.seq,
      role: message.role,
      content: message.text,
      agent: null,
      status: message.status,
      superseded_by: superseded.get(message.runId) ?? null,
      created_at: message.createdAt,
    }),
  );
}

/** The messages of a log as the history gives them where nothing else is asked for. */
function saved(log: readonly LogFrame[]): Message[] {
  return everSaved(log).filter(({ superseded_by }) => superseded_by === null);
}

/** A log and a place to cut it, as the count of frames before the cut. */
const cutLog = anyLog.chain((log) => fc.tuple(fc.constant(log), fc.nat(log.length)));

describe("frames that come again", () => {
  test("change nothing after the whole log", () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const view = fold(log);
        expect(fold(log, view)).toEqual(view);
      }),
    );
  });

  test("change nothing where events overlap, at any place and of any length", () => {
    fc.assert(
      fc.property(cutLog, fc.nat(), ([log, cut], from) => {
        const logged = eventsOf(log);
        const before = logged.slice(0, cut);
        const again = before.slice(from % (before.length + 1));
        expect(fold([...before, ...again, ...logged.slice(cut)])).toEqual(fold(logged));
      }),
    );
  });

  test("change nothing where a resume repeats text along with the events", () => {
    fc.assert(
      fc.property(cutLog, fc.nat(), ([log, cut], from) => {
        const before = log.slice(0, cut);
        const resumed = log.slice(from % (cut + 1));
        expect(fold([...before, ...resumed])).toEqual(fold(log));
      }),
    );
  });
});

describe("a log in two parts", () => {
  test("gives the whole view after a resume that recovered everything", () => {
    fc.assert(
      fc.property(cutLog, ([log, cut]) => {
        const connected = fold([ready({ recovered: true, replay_after: 0 }), ...log.slice(0, cut)]);
        const again = ready({ recovered: true, replay_after: connected.lastSeq });
        expect(fold([again, ...log.slice(cut)], connected)).toEqual({ ...fold(log), epoch: "e" });
      }),
    );
  });

  test("gives the whole conversation from the history and the tail, however late it was read", () => {
    fc.assert(
      fc.property(cutLog, fc.nat(), ([log, cut], later) => {
        const before = fold(log.slice(0, cut));
        const start = fold([ready({ recovered: false, replay_after: before.lastSeq })]);
        expect(start.stale).toBe(true);
        const whole = fold(log);
        const readAt = log.slice(0, cut + (later % (log.length - cut + 1)));
        for (const history of [saved(readAt), everSaved(readAt)]) {
          const after = fold(log.slice(cut), withHistory(start, history));
          expect(after.messages).toEqual(whole.messages);
          expect([after.lastSeq, after.stale]).toEqual([whole.lastSeq, false]);
          for (const run of Object.values(whole.runs)) {
            if (!Object.hasOwn(before.runs, run.id)) expect(after.runs[run.id]).toEqual(run);
          }
        }
      }),
    );
  });

  test("gives the whole conversation also where the history arrives after the tail", () => {
    fc.assert(
      fc.property(cutLog, ([log, cut]) => {
        const { lastSeq } = fold(log.slice(0, cut));
        const tail = fold([ready({ recovered: false, replay_after: lastSeq }), ...log.slice(cut)]);
        expect(withHistory(tail, everSaved(log)).messages).toEqual(fold(log).messages);
      }),
    );
  });

  test("shows the newer of what is live and what was saved", () => {
    fc.assert(
      fc.property(cutLog, ([log, cut]) => {
        const before = log.slice(0, cut);
        const whole = fold(log);
        expect(withHistory(fold(before), everSaved(log)).messages).toEqual(whole.messages);
        for (const older of [saved(before), everSaved(before)]) {
          expect(withHistory(whole, older).messages).toEqual(whole.messages);
        }
      }),
    );
  });

  test("keeps the order of the conversation, whichever page of the history comes first", () => {
    fc.assert(
      fc.property(cutLog, ([log, cut]) => {
        const history = everSaved(log);
        const pages = [history.slice(cut), history.slice(0, cut)];
        for (const order of [pages, pages.toReversed()]) {
          expect(order.reduce(withHistory, EMPTY_THREAD).messages).toEqual(fold(log).messages);
        }
      }),
    );
  });
});

describe("an edit", () => {
  test("takes what began at the message it replaces, and since, out of sight and nothing else", () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const superseded = supersededIn(log);
        const unedited = fold(withoutEdits(log));
        const view = fold(log);
        expect(view.messages).toEqual(
          unedited.messages.filter(({ runId }) => !superseded.has(runId)),
        );
        expect(new Set(view.superseded)).toEqual(new Set(superseded.keys()));
        expect(view.runs).toEqual(unedited.runs);
      }),
    );
  });

  test("is not undone for a moment by an older part of the log, where the history tells of it", () => {
    fc.assert(
      fc.property(cutLog, ([log, cut]) => {
        const superseded = supersededIn(log);
        const { lastSeq } = fold(log.slice(0, cut));
        const start = fold([ready({ recovered: false, replay_after: lastSeq })]);
        log.slice(cut).reduce(
          (before, frame) => {
            const view = project(before, frame);
            expect(view.messages.filter(({ runId }) => superseded.has(runId))).toEqual([]);
            return view;
          },
          withHistory(start, everSaved(log)),
        );
      }),
    );
  });
});

describe("frames out of order", () => {
  const shuffled = anyLog.chain((log) =>
    fc.tuple(fc.constant(log), fc.shuffledSubarray([...log], { minLength: 1 })),
  );

  test("never show a text that is not the beginning of what was said", () => {
    fc.assert(
      fc.property(shuffled, ([log, frames]) => {
        const said = fold(withoutEdits(log)).messages;
        const truth = new Map(said.map(({ id, text }) => [id, text]));
        for (const { id, text } of fold(frames).messages) {
          expect(truth.get(id)?.startsWith(text)).toBe(true);
        }
      }),
    );
  });

  test("never show a message twice, or out of its place", () => {
    fc.assert(
      fc.property(shuffled, ([, frames]) => {
        const seqs = fold(frames).messages.map(({ seq }) => seq);
        expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
      }),
    );
  });

  test("say that the view is stale exactly where an event was skipped", () => {
    fc.assert(
      fc.property(shuffled, ([, frames]) => {
        const seqs = eventsOf(frames).map(({ seq }) => seq);
        const skipped = seqs.some((seq, index) => {
          const last = Math.max(0, ...seqs.slice(0, index));
          return last > 0 && seq > last + 1;
        });
        expect(fold(frames).stale).toBe(skipped);
      }),
    );
  });
});
