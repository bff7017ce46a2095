/**
 * The live conversation: said, answered, stopped, lost and found again.
 * @vitest-environment happy-dom
 */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import { EN } from "../../../src/web/words/en.ts";
import * as frames from "../client/frames.ts";
import { converse, newest } from "./converse.ts";
import { type Routes, refusal, strike } from "./stage.tsx";

afterEach(strike);

describe("an answer under way", () => {
  test("can be stopped as long as it is live", async () => {
    const { socket } = await converse();
    socket.say(frames.ready());
    expect(screen.queryByRole("button", { name: "Stop" })).toBeNull();
    socket.say(frames.accepted(1, null));
    fireEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(socket.commands).toEqual([{ type: "cancel", run_id: "run-1" }]);
    socket.say(frames.started(2), frames.delta(0, "It"));
    expect(screen.getByRole("button", { name: "Stop" })).toBeDefined();
    socket.say(frames.completed(3, "It", { status: "cancelled" }));
    expect(screen.queryByRole("button", { name: "Stop" })).toBeNull();
  });

  test("is announced when it is worked on and when it stands, but not by each word", async () => {
    const { socket } = await converse();
    const log = screen.getByRole("log", { name: "Conversation" });
    expect(log.getAttribute("aria-live")).toBe("off");
    socket.say(frames.ready(), frames.accepted(1, null), frames.started(2));
    await screen.findByText("Working on the answer.");
    socket.say(frames.delta(0, "It is "));
    socket.say(frames.completed(3, "It is slow."));
    const announced = await screen.findByText("The answer is complete.");
    expect(announced.getAttribute("role")).toBe("status");
  });

  test("is not announced where it was complete before the thread was opened", async () => {
    const { socket } = await converse();
    socket.say(frames.ready(), frames.accepted(1, null), frames.started(2));
    socket.say(frames.completed(3, "It is slow."));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(screen.queryByText("The answer is complete.")).toBeNull();
    expect(screen.queryByText("Working on the answer.")).toBeNull();
  });

  test("is followed by the log, unless one reads further up and asks nothing new", async () => {
    const { socket } = await converse();
    const log = screen.getByRole("log", { name: "Conversation" });
    Object.defineProperty(log, "scrollHeight", { value: 500 });
    socket.say(frames.ready(), frames.accepted(1, null), frames.started(2));
    expect(log.scrollTop).toBe(500);
    fireEvent.scroll(log);
    log.scrollTop = 100;
    fireEvent.scroll(log);
    socket.say(frames.delta(0, "It is slow."));
    expect(within(log).getByText("It is slow.")).toBeDefined();
    expect(log.scrollTop).toBe(100);
    fireEvent.click(screen.getByRole("button", { name: "Jump to the newest" }));
    expect(log.scrollTop).toBe(500);
    expect(screen.queryByRole("button", { name: "Jump to the newest" })).toBeNull();
    fireEvent.wheel(log, { deltaY: -10 });
    log.scrollTop = 100;
    const next = { client_message_id: null, message_id: "message-2", run_id: "run-2" };
    socket.say(
      frames.event(3, "message_accepted", {
        ...next,
        content: "And now?",
        replaces: null,
        queue_position: 1,
      }),
    );
    expect(log.scrollTop).toBe(500);
  });

  test("is shown as far as it has come, also where pieces come faster than a screen shows them", async () => {
    const { socket } = await converse();
    socket.say(frames.ready(), frames.accepted(1, null), frames.started(2));
    socket.say(frames.delta(0, "It "), frames.delta(3, "is "), frames.delta(6, "slow"));
    await screen.findByText("It is slow");
    socket.say(frames.delta(10, " and"), frames.completed(3, "It is slow and dear."));
    screen.getByText("It is slow and dear.");
    await new Promise((resolve) => setTimeout(resolve, 50));
    screen.getByText("It is slow and dear.");
  });

  test("may bring the thread a title, which the list takes over", async () => {
    const { socket } = await converse();
    socket.say(
      frames.ready(),
      frames.event(1, "thread_updated", { title: "Slow answers", metadata: {} }),
    );
    await screen.findByRole("heading", { name: "Slow answers" });
    expect(screen.getByRole("link", { name: "Slow answers" })).toBeDefined();
  });
});

describe("the connection", () => {
  test("says what the server had against a command", async () => {
    const { socket } = await converse();
    socket.say(frames.ready(), frames.failure("not_found", { command: "cancel" }));
    expect((await screen.findByRole("alert")).textContent).toContain(
      EN.problems.codes.not_found.what,
    );
  });

  test("leaves to the client what names no command", async () => {
    const { socket } = await converse();
    socket.say(frames.ready(), frames.failure("token_expired"));
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("says that it comes, that it was lost, and nothing while it stands", async () => {
    const { socket } = await converse();
    screen.getByText("Connecting…");
    socket.say(frames.ready());
    expect(screen.queryByText("Connecting…")).toBeNull();
    socket.drop(1012);
    screen.getByText(/^The connection was lost\. Reconnecting…/);
  });

  test("that ended for good says why, and is opened again when asked", async () => {
    const { sockets, socket } = await converse();
    socket.say(frames.ready());
    socket.drop(4409);
    screen.getByText("Not connected.");
    expect(screen.getByRole("alert").textContent).toContain(EN.problems.codes.unavailable.what);
    fireEvent.click(screen.getByRole("button", { name: "Connect again" }));
    screen.getByText("Connecting…");
    expect(screen.queryByRole("alert")).toBeNull();
    await waitFor(() => expect(sockets).toHaveLength(2));
    newest(sockets).say(frames.ready());
    expect(screen.queryByText("Connecting…")).toBeNull();
  });
});

describe("the messages from before", () => {
  const MESSAGES = `GET /api/threads/${frames.THREAD}/messages`;
  const saved = [1, 2, 3, 4].map((seq) =>
    frames.message(`m${seq}`, seq, seq % 2 ? "user" : "assistant", `Said ${seq}.`),
  );

  /** Newest first, two a page. */
  const pages: Routes = {
    [MESSAGES]: ({ query }) => {
      const from = Number(query.get("cursor") ?? 0);
      const newestFirst = saved.toReversed();
      const next = from + 2 < saved.length ? String(from + 2) : null;
      return {
        status: 200,
        body: {
          data: newestFirst.slice(from, from + 2),
          has_more: next !== null,
          next_cursor: next,
        },
      };
    },
  };
  const AFTER_A_GAP = frames.ready({ last_seq: 4, replay_after: 4, recovered: false });

  test("are loaded until something older has come, then offered no more", async () => {
    const { socket } = await converse(pages);
    socket.say(AFTER_A_GAP);
    await screen.findByText("Said 3.");
    expect(screen.queryByText("Said 2.")).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: "Load earlier messages" }));
    await screen.findByText("Said 1.");
    const said = screen.getAllByRole("article").map((article) => article.textContent);
    expect(said).toEqual(["Said 1.", "Said 2.", "Said 3.", "Said 4."]);
    expect(screen.queryByRole("button", { name: "Load earlier messages" })).toBeNull();
  });

  test("say why they could not be loaded", async () => {
    let asked = 0;
    const { socket } = await converse({
      [MESSAGES]: (ask) =>
        ++asked === 1 ? (pages[MESSAGES]?.(ask) ?? { status: 500 }) : refusal("unavailable", 503),
    });
    socket.say(AFTER_A_GAP);
    fireEvent.click(await screen.findByRole("button", { name: "Load earlier messages" }));
    expect((await screen.findByRole("alert")).textContent).toContain(
      EN.problems.codes.unavailable.what,
    );
    expect(screen.getByText("Said 3.")).toBeDefined();
  });
});
