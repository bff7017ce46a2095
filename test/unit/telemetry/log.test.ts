/** The log as production has it: no secret is in it, and each line says what was being served when it was written. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import {
  addToLogContext,
  consoleLog,
  logContext,
  withLogContext,
} from "../../../src/telemetry/log.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** @returns the records one level of the console was given, read as JSON. */
function written(level: "log" | "warn" | "error"): unknown[] {
  const lines: unknown[] = [];
  vi.spyOn(console, level).mockImplementation((line: string) => lines.push(JSON.parse(line)));
  return lines;
}

describe("the log", () => {
  test("tells an error's name and where it happened, and never its message", () => {
    const lines = written("error");
    consoleLog.error("tool.failed", new TypeError("password=hunter2\nat all"), { tool: "t" });
    expect(lines).toMatchObject([
      { level: "error", event: "tool.failed", tool: "t", error: "TypeError" },
    ]);
    expect(JSON.stringify(lines)).toContain("log.test");
    expect(JSON.stringify(lines)).not.toContain("hunter2");
  });

  test("tells of what is no error only what kind of value it is", () => {
    const lines = written("error");
    consoleLog.error("tool.failed", "password=hunter2");
    expect(lines).toEqual([{ level: "error", event: "tool.failed", error: "string" }]);
  });

  test("is one line of JSON a record", () => {
    const [infos, warnings] = [written("log"), written("warn")];
    consoleLog.info("run.ended", { run_id: "r" });
    consoleLog.warn("breaker.opened");
    expect(infos).toEqual([{ level: "info", event: "run.ended", run_id: "r" }]);
    expect(warnings).toEqual([{ level: "warn", event: "breaker.opened" }]);
  });
});

describe("what is being served", () => {
  test("is on every line, whatever awaits between, and never on those of others", async () => {
    const lines = written("log");
    const serve = (request_id: string, pauseMs: number) =>
      withLogContext({ request_id }, async () => {
        await systemClock.sleep(pauseMs);
        addToLogContext({ user_id: `user of ${request_id}` });
        await systemClock.sleep(pauseMs);
        consoleLog.info("done");
      });
    await Promise.all([serve("a", 4), serve("b", 2), serve("c", 0)]);
    consoleLog.info("idle");

    expect(lines).toHaveLength(4);
    for (const request_id of ["a", "b", "c"]) {
      const user_id = `user of ${request_id}`;
      expect(lines).toContainEqual({ level: "info", event: "done", request_id, user_id });
    }
    expect(lines).toContainEqual({ level: "info", event: "idle" });
  });

  test("is known in more detail within, and no longer afterwards", () => {
    withLogContext({ request_id: "a", run_id: "before" }, () => {
      withLogContext({ run_id: "r" }, () => {
        addToLogContext({ trace_id: "t" });
        expect(logContext()).toEqual({ request_id: "a", run_id: "r", trace_id: "t" });
      });
      expect(logContext()).toEqual({ request_id: "a", run_id: "before" });
    });
    expect(logContext()).toEqual({});
  });

  test("is nothing where nothing is served", () => {
    addToLogContext({ request_id: "a" });
    expect(logContext()).toEqual({});
  });

  test("gives way to what a line says itself", () => {
    const lines = written("warn");
    withLogContext({ user_id: "who did it" }, () =>
      consoleLog.warn("audit.lost", { user_id: "to whom it was done" }),
    );
    expect(lines).toMatchObject([{ user_id: "to whom it was done" }]);
  });
});
