/** A thread's past in AG-UI: every run that counts, once, in order, as both clients accept it. */
import { EventSchemas } from "@ag-ui/core/schemas";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { historyOf, replayOf } from "../../../../src/doors/ag-ui/replay.ts";
import { Message } from "../../../../src/protocol/entities.ts";
import { anyLog, eventsOf, supersededIn } from "../../protocol/logs.ts";
import { CLIENTS, hear } from "./clients.ts";

test("a replay tells each run that counts from its start to its end, and nothing of the others", () => {
  fc.assert(
    fc.property(anyLog, (log) => {
      const { events, unanswered } = replayOf("t", eventsOf(log));
      const superseded = supersededIn(log);
      const runs = new Set(eventsOf(log).flatMap(({ context }) => context.run_id ?? []));
      const counting = [...runs].filter((id) => !superseded.has(id));
      const told = events.flatMap((event) => (event.type === "RUN_STARTED" ? event.runId : []));

      expect(told).toEqual(counting);
      expect(unanswered).toBeNull();
      for (const event of JSON.parse(JSON.stringify(events))) EventSchemas.parse(event);
    }),
  );
});

test("a run that has not ended is left to be followed, from its message on", () => {
  fc.assert(
    fc.property(anyLog, fc.nat(), (log, place) => {
      const events = eventsOf(log);
      const cut = events.slice(0, 1 + (place % events.length));
      const { unanswered, events: told } = replayOf("t", cut);
      const ended = cut.filter(({ type }) => type === "agent_completed");
      const types = told.map(({ type }) => type);

      expect(types.filter((type) => type === "RUN_STARTED").length).toBeLessThanOrEqual(
        ended.length,
      );
      if (ended.length === 0) expect(unanswered).not.toBeNull();
    }),
  );
});

describe.each(CLIENTS)("@ag-ui/client %s", (client) => {
  test("has of a thread whose log does not reach back the messages of its history", async () => {
    const said = Message.parse({
      id: "m1",
      thread_id: "t",
      run_id: "t.1",
      seq: 1,
      role: "user",
      content: "Where does the money go?",
      agent: null,
      status: "complete",
      superseded_by: null,
      created_at: "2026-01-01T00:00:00Z",
    });
    const { refusal, types, messages } = await hear(client, historyOf("t", [said]).events);

    expect(refusal).toBeNull();
    expect(messages).toEqual([{ id: "m1", role: "user", content: said.content }]);
    expect(types).toEqual(["RUN_STARTED", "MESSAGES_SNAPSHOT", "RUN_FINISHED"]);
  });
});
