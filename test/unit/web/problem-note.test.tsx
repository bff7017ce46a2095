/**
 * What a person reads of a failure: the page's words, what to do and when, and never the server's English.
 * @vitest-environment happy-dom
 */
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApexError } from "../../../src/protocol/errors.ts";
import { ERROR_CODES } from "../../../src/protocol/failures.ts";
import type { LimitName } from "../../../src/protocol/tiers.ts";
import { ProblemNote } from "../../../src/web/problem-note.tsx";
import { EN } from "../../../src/web/words/en.ts";
import { WordsContext } from "../../../src/web/words/words.ts";
import * as frames from "../client/frames.ts";
import { converse, keyOf, messagesOf, press, say, setOnline } from "./converse.ts";
import { refusal, stage, strike } from "./stage.tsx";

const NOW = Date.parse("2026-11-21T08:00:00.000Z");
const SERVERS = "The server's own English.";

beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ["Date", "setInterval"] }));
afterEach(() => {
  vi.useRealTimers();
  setOnline(true);
  cleanup();
  strike();
});

type Options = ConstructorParameters<typeof ApexError>[2];

function told(code: (typeof ERROR_CODES)[number], options: Options = {}): string {
  render(<ProblemNote problem={new ApexError(code, SERVERS, options)} />);
  return screen.getByRole("alert").textContent ?? "";
}

describe.each(ERROR_CODES)("%s", (code) => {
  test("is told in the page's words, with what to do or when to try again", () => {
    const { what, toDo } = EN.problems.codes[code];
    const said = told(code);
    expect(said).not.toContain(SERVERS);
    expect(said).toContain(what);
    expect(said).toContain(toDo ?? EN.problems.later);
  });

  test("is told in sentences", () => {
    const { what, toDo } = EN.problems.codes[code];
    for (const each of [what, toDo ?? "None."]) expect(each).toMatch(/^[A-Z].*\.$/);
  });
});

describe("the time to try again", () => {
  test.each([
    [40, "Try again in 40 seconds."],
    [300, "Try again in 5 minutes."],
    [0, "It is worth another try now."],
  ])("after %i s is said: %s", (retryAfter, words) => {
    expect(told("rate_limited", { retryAfter })).toContain(words);
  });

  test("that is hours away is a time", () => {
    const said = told("model_unavailable", { retryAfter: 9 * 3_600 });
    expect(said).toMatch(/Try again from Nov 21, 2026.* on, in 9 hours\./);
    const at = screen.getByText(/Try again from/).getAttribute("datetime");
    expect(at).toBe("2026-11-21T17:00:00.000Z");
  });

  test("takes the place of a vaguer one, and not of what there is to do", () => {
    expect(told("model_unavailable", { retryAfter: 5 })).not.toContain(EN.problems.later);
    cleanup();
    const said = told("queue_full", { retryAfter: 5 });
    expect(said).toContain("stop one.");
    expect(said).toContain("Try again in 5 seconds.");
  });

  test("comes, and is not read out while it runs down", async () => {
    told("rate_limited", { retryAfter: 8 });
    const time = screen.getByText("Try again in 8 seconds.");
    expect(time.getAttribute("aria-live")).toBe("off");
    await vi.advanceTimersByTimeAsync(10_000);
    await waitFor(() => expect(time.textContent).toBe("It is worth another try now."));
  });
});

describe("a limit of the account", () => {
  const limitOf = (name: LimitName) => ({
    ...{ name, limit: 5, used: 5, remaining: 0, window_seconds: 60 },
    resets_at: "2026-11-21T08:01:00.000Z",
  });

  test("is told by its name and its figure", () => {
    const limit = limitOf("live_runs");
    const said = told("quota_exceeded", { limit, retryAfter: 60 });
    expect(said).toBe(`${EN.problems.limits.live_runs("5")} Try again in 1 minute.`);
  });

  test("in money is told as money", () => {
    expect(told("quota_exceeded", { limit: limitOf("usd") })).toContain("$5.00 a day");
  });
});

test("without a network nobody is sent looking for a fault elsewhere", () => {
  setOnline(false);
  const said = told("unavailable");
  expect(said).toContain("You are offline.");
  expect(said).not.toContain(EN.problems.codes.unavailable.what);
});

test("a code that the page does not know has the nearest words, and the server's beside them", () => {
  const said = told("rate_limited", { newerCode: "quota_of_2027" });
  expect(said).toContain(EN.problems.codes.rate_limited.what);
  expect(said).toContain(`The server says: ${SERVERS}`);
});

test("another language has no English in it", () => {
  const codes = {
    ...EN.problems.codes,
    rate_limited: { what: "Das war zu viel auf einmal.", toDo: null },
  };
  const words = {
    ...EN,
    locale: "de",
    problems: { ...EN.problems, codes, retryIn: (left: string) => `Versuchen Sie es ${left} neu.` },
  };
  const problem = new ApexError("rate_limited", SERVERS, { retryAfter: 40 });
  render(
    <WordsContext value={words}>
      <ProblemNote problem={problem} />
    </WordsContext>,
  );
  expect(screen.getByRole("alert").textContent).toBe(
    "Das war zu viel auf einmal. Versuchen Sie es in 40 Sekunden neu.",
  );
});

describe("wherever a failure comes from", () => {
  test("an answer over HTTP is told so", async () => {
    const routes = {
      "POST /api/auth/login": () => {
        const { status, body } = refusal("rate_limited", 429);
        return { status, body: { ...Object(body), retry_after: 40 } };
      },
    };
    await stage(routes, "/", false);
    fireEvent.change(screen.getByLabelText("Email"), { target: { value: "a@example.com" } });
    fireEvent.change(screen.getByLabelText("Password"), { target: { value: "a password" } });
    press("Sign in");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("That was too much at once. Try again in 40 seconds.");
  });

  test("an `error` event about a message is told under it, and over a reload", async () => {
    const before = await converse();
    before.socket.say(frames.ready());
    say("Why so slow?");
    await waitFor(() => expect(messagesOf(before.socket)).toHaveLength(1));
    const problem = { ...frames.problem("rate_limited", 429), retry_after: 40 };
    const key = keyOf(before.socket);
    before.socket.say(frames.failure("rate_limited", { problem, client_message_id: key }));
    const said = "Not sent.That was too much at once. Try again in 40 seconds.";
    expect((await screen.findByRole("alert")).textContent).toBe(said);
    before.unmount();
    await converse();
    expect((await screen.findByRole("alert")).textContent).toBe(said);
  });

  test("an `error` event of a newer server's settles the message that it is about", async () => {
    const { socket } = await converse();
    socket.say(frames.ready());
    say("Why so slow?");
    await waitFor(() => expect(messagesOf(socket)).toHaveLength(1));
    const failure = frames.failure("internal", { client_message_id: keyOf(socket) });
    socket.say(frames.newer(failure, "of_2027"));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("The server says: Refused: internal");
  });
});
