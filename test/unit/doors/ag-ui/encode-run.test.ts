/** A run in AG-UI's words: whatever a run tells, both living versions of the client accept it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RunEncoder } from "../../../../src/doors/ag-ui/encode-run.ts";
import type { AgUiEvent } from "../../../../src/doors/ag-ui/events.ts";
import type { RunFrame } from "../../../../src/http/follow-run.ts";
import { applyDelta } from "../../../../src/protocol/projection.ts";
import { CLIENTS, hear } from "./clients.ts";
import { anyRun } from "./runs.ts";

const NAMES = { threadId: "my-thread", runId: "my-run" };
const ASKED = { id: "q1", role: "user", content: "Where does the money go?" };

function begun(): RunEncoder {
  return new RunEncoder({ ...NAMES, before: [ASKED] });
}

function told(frames: readonly RunFrame[]): [RunEncoder, AgUiEvent[]] {
  const encoder = begun();
  return [encoder, [...encoder.start(), ...frames.flatMap((frame) => encoder.encode(frame))]];
}

const byId = (messages: readonly { readonly id: string }[]) =>
  messages.toSorted((a, b) => a.id.localeCompare(b.id));

describe.each(CLIENTS)("@ag-ui/client %s", (client) => {
  test("accepts whatever a run may tell, and has the very conversation that it told", async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, async (frames) => {
        const [encoder, events] = told(frames);
        const { refusal, messages, types } = await hear(client, events, [ASKED]);

        expect(refusal).toBeNull();
        expect(types).toEqual(events.map(({ type }) => type));
        expect(["RUN_FINISHED", "RUN_ERROR"]).toContain(types.at(-1));
        expect(messages).toEqual(encoder.messages);
        const end = frames.at(-1);
        const answer = messages.find(({ id }) => id === "answer-0") ?? { content: "" };
        if (end?.type !== "agent_completed") throw new Error("The run has no end");
        expect(answer).toMatchObject({ content: end.data.final_response });
      }),
      { numRuns: 50 },
    );
  });

  test("goes on from any place of a run, to the same conversation in the end", async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, fc.nat(), async (frames, place) => {
        const cut = place % frames.length;
        const [before] = told(frames.slice(0, cut));
        const encoder = begun();
        let text = "";
        for (const frame of frames.slice(0, cut)) {
          if (frame.type === "message_delta") text = applyDelta(text, frame);
          else encoder.encode(frame);
        }
        const joined = [...encoder.start(), ...encoder.rejoin()];
        const message_id = frames.find((frame) => frame.type === "agent_started")?.data.message_id;
        const soFar =
          text === "" || message_id === undefined
            ? []
            : encoder.encode({ type: "message_delta", message_id, offset: 0, text });
        const events = [
          ...joined,
          ...soFar,
          ...frames.slice(cut).flatMap((frame) => encoder.encode(frame)),
        ];
        const { refusal, messages } = await hear(client, events, before.messages);
        const [whole] = told(frames);

        expect(refusal).toBeNull();
        expect(byId(messages)).toEqual(byId(whole.messages));
      }),
      { numRuns: 50 },
    );
  });

  test("is told of a stream that cannot go on, with all that was open closed", async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, fc.nat(), async (frames, place) => {
        const [encoder, events] = told(frames.slice(0, place % frames.length));
        const last = encoder.broken(null);
        const { types, refusal } = await hear(client, [...events, ...last], [ASKED]);

        expect(refusal).toBeNull();
        expect(types.at(-1)).toBe("RUN_ERROR");
        const opened = types.filter((type) =>
          /TEXT_MESSAGE_START|STEP_STARTED|SUBAGENT_STARTED/.test(type),
        );
        const closed = types.filter((type) =>
          /TEXT_MESSAGE_END|STEP_FINISHED|SUBAGENT_(FINISHED|ERROR)/.test(type),
        );
        expect(closed).toHaveLength(opened.length);
      }),
      { numRuns: 30 },
    );
  });
});
