/**
 * What a person reads under an answer: how its run ended, at which cost, and what to do now.
 * @vitest-environment happy-dom
 */
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { RunOutcome } from "../../../../src/web/run/run-outcome.tsx";
import { EN } from "../../../../src/web/words/en.ts";
import * as frames from "../../client/frames.ts";
import { runOf } from "./run-view.ts";

afterEach(cleanup);

function show(...said: Parameters<typeof runOf>): string {
  return render(<RunOutcome run={runOf(...said)} />).container.textContent ?? "";
}

function failed(problem: object, durationMs = 0) {
  return frames.completed(3, "", { status: "failed", problem, duration_ms: durationMs });
}

test("a run under way says that it works", () => {
  expect(show()).toContain("Working…");
});

test("a completed one tells its duration, its tokens and its cost", () => {
  expect(show(frames.completed(3, "It is slow."))).toBe(
    "Completed · supervisor · demo · 3.5 sec · 1,200 tokens in, 34 out · $0.0123",
  );
});

test("a stopped one says what is left of it, and how to have the rest", () => {
  const said = show(frames.completed(3, "It", { status: "cancelled" }));
  expect(said).toContain("Stopped");
  expect(said).toContain("Send the question again to have all of it.");
});

test("a failed one says what happened and what to do, at once", () => {
  show(failed(frames.problem("model_unavailable", 503)));
  const alert = screen.getByRole("alert").textContent;
  expect(alert).toContain(EN.problems.codes.model_unavailable.what);
  expect(alert).toContain("Try again in a minute.");
});

test("one that failed in a way that only a newer server knows has that server's words", () => {
  const said = show(frames.newer(failed(frames.problem("internal", 429)), "of_2027"));
  expect(said).toContain("That was too much at once.");
  expect(said).toContain("The server says: Refused: internal");
});

test("one that took too long says so, and how to ask for less", () => {
  const said = show(failed(frames.problem("run_timeout", 504)));
  expect(said).toContain("Failed: it took too long");
  expect(said).toContain("Ask for less at once");
});

test("a failure that passes says when to try again, counted from when it failed", () => {
  const since = Date.now() - Date.parse(frames.AT);
  const problem = { ...frames.problem("rate_limited", 429), retry_after: 120 };
  expect(show(failed(problem, since))).toContain("Try again in 2 minutes.");
  cleanup();
  expect(show(failed(problem))).toContain("It is worth another try now.");
});
