/** The connection's machine: every phase, every input, every wait. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ConnectionInput,
  type ConnectionState,
  DIALING,
  phaseTime,
  statusOf,
  step,
} from "../../../src/client/connection-machine.ts";
import { ApexError } from "../../../src/protocol/errors.ts";

const OPEN: ConnectionState = { phase: "open", losses: 0, pinged: false };
const WAITING: ConnectionState = { phase: "waiting", losses: 1, renewed: false };
const CHECKING: ConnectionState = { phase: "checking", losses: 1, renewed: false };
const RENEWED: ConnectionState = { phase: "dialing", losses: 1, renewed: true };
const CLOSED: ConnectionState = { phase: "closed", error: null };

const gone = new ApexError("not_found", "There is no such thread.");
const offline = new ApexError("unavailable", "Out of reach.");

const lost = (code: number): ConnectionInput => ({ type: "lost", code });
const checked = (error: ApexError | null): ConnectionInput => ({ type: "checked", error });

describe("a connection that is lost", () => {
  test.each([1008, 1009, 4400, 4403, 4404, 4409])("ends for good by close code %i", (code) => {
    const { state } = step(OPEN, lost(code));
    expect(state).toMatchObject({ phase: "closed", error: { name: "ApexError" } });
  });

  test.each([1000, 1001, 1006, 1011, 1012, 1013, 4408, 4429])(
    "is waited for and dialled again after close code %i",
    (code) => {
      const waiting = step(OPEN, lost(code));
      expect(waiting).toEqual({ state: WAITING, effects: [] });
      expect(step(waiting.state, { type: "timeout" })).toEqual({
        state: { phase: "dialing", losses: 1, renewed: false },
        effects: ["dial"],
      });
    },
  );

  test("renews its token once when the server refuses it, then gives up", () => {
    const renewing = step(OPEN, lost(4401));
    expect(renewing.effects).toEqual(["renew"]);
    const waiting = step(renewing.state, checked(null));
    expect(waiting.state).toEqual({ phase: "waiting", losses: 1, renewed: true });
    expect(step(waiting.state, { type: "timeout" }).state).toEqual(RENEWED);
    expect(step(RENEWED, lost(4401)).state).toMatchObject({
      phase: "closed",
      error: { code: "unauthenticated" },
    });
  });

  test("asks over HTTP why, where it never opened", () => {
    expect(step(DIALING, lost(1006))).toEqual({ state: CHECKING, effects: ["probe"] });
    expect(step(DIALING, { type: "timeout" })).toEqual({
      state: CHECKING,
      effects: ["hang_up", "probe"],
    });
    expect(step(CHECKING, checked(gone)).state).toEqual({ phase: "closed", error: gone });
    expect(step(CHECKING, checked(offline)).state).toEqual(WAITING);
    expect(step(CHECKING, checked(null)).state).toEqual(WAITING);
  });

  test("tries again where nobody answers the question", () => {
    expect(step(CHECKING, { type: "timeout" })).toEqual({ state: WAITING, effects: [] });
  });

  test("tries again where no token could be had, and ends where nobody is signed in", () => {
    const nobody = new ApexError("unauthenticated", "Nobody is signed in.");
    expect(step(DIALING, checked(offline)).state).toEqual(WAITING);
    expect(step(DIALING, checked(nobody)).state).toEqual({ phase: "closed", error: nobody });
  });
});

describe("an open connection", () => {
  test("is pinged after a silence, and given up where no frame follows", () => {
    const pinged = step(OPEN, { type: "timeout" });
    expect(pinged).toEqual({
      state: { phase: "open", losses: 0, pinged: true },
      effects: ["ping"],
    });
    expect(step(pinged.state, { type: "timeout" })).toEqual({
      state: WAITING,
      effects: ["hang_up"],
    });
  });

  test("forgets earlier losses only when it outlives a heartbeat", () => {
    const shaky: ConnectionState = { phase: "open", losses: 3, pinged: false };
    expect(step(shaky, { type: "frame" }).state).toBe(shaky);
    const pinged = step(shaky, { type: "timeout" }).state;
    expect(step(pinged, { type: "frame" }).state).toEqual(OPEN);
  });

  test("is asked for its first heartbeat sooner where it came back: cuts that follow are not one outage", () => {
    const back: ConnectionState = { phase: "open", losses: 3, pinged: false };
    expect(phaseTime(back, () => 1)).toBe(5_000);
    expect(phaseTime({ ...back, pinged: true }, () => 1)).toBe(10_000);
    expect(phaseTime(OPEN, () => 1)).toBe(20_000);
  });

  test("is opened again where frames are missing", () => {
    expect(step(OPEN, { type: "gap" })).toEqual({ state: WAITING, effects: ["hang_up"] });
  });
});

test("the status says what a person should be told", () => {
  const states = [DIALING, CHECKING, OPEN, WAITING, { ...CHECKING, losses: 2 }, RENEWED, CLOSED];
  expect(states.map(statusOf)).toEqual([
    "connecting",
    "connecting",
    "open",
    "reconnecting",
    "reconnecting",
    "reconnecting",
    "closed",
  ]);
});

test("every phase that could wait for ever has a time, and the waits grow to a bound", () => {
  const time = (state: ConnectionState) => phaseTime(state, () => 1);
  expect([DIALING, OPEN, CHECKING, CLOSED].map(time)).toEqual([15_000, 20_000, 5_000, null]);
  expect(time({ phase: "open", losses: 0, pinged: true })).toBe(10_000);
  const waits = [1, 2, 3, 7, 1_000].map((losses) => time({ ...WAITING, losses }));
  expect(waits).toEqual([500, 1_000, 2_000, 10_000, 10_000]);
  expect(phaseTime(WAITING, () => 0)).toBe(250);
});

const anyInput = fc.oneof(
  fc.constantFrom<ConnectionInput>(
    { type: "ready" },
    { type: "frame" },
    { type: "gap" },
    { type: "timeout" },
    { type: "close" },
    checked(null),
    checked(gone),
    checked(offline),
  ),
  fc.constantFrom(1000, 1006, 1008, 4401, 4404).map(lost),
);

test("closed is the end, and every other state goes on by a timer or an answer it asked for", () => {
  fc.assert(
    fc.property(fc.array(anyInput, { maxLength: 60 }), (inputs) => {
      let state = DIALING;
      for (const input of inputs) {
        const next = step(state, input);
        if (state.phase === "closed") {
          expect(next).toEqual({ state, effects: [] });
        } else if (next.state.phase === "checking" && state.phase !== "checking") {
          expect(next.effects.at(-1)).toMatch(/^(probe|renew)$/);
        } else if (next.state.phase !== "closed" && next.state.phase !== "checking") {
          expect(phaseTime(next.state, Math.random)).toBeGreaterThan(0);
        }
        state = next.state;
      }
      expect(step(state, { type: "close" }).state.phase).toBe("closed");
    }),
  );
});
