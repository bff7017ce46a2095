/**
 * The live conversation: said, answered, stopped, lost and found again.
 * @vitest-environment happy-dom
 */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import { MAX_MESSAGE_LENGTH } from "../../../src/protocol/limits.ts";
import * as frames from "../client/frames.ts";
import { listing, type Routes, refusal, type StageSocket, stage, strike } from "./stage.tsx";

const HOME = listing([frames.thread(frames.THREAD, "Latency")]);

/** Opens the thread, and the server's end of its socket. */
async function converse(routes: Routes = {}) {
  const { sockets } = await stage({ ...HOME, ...routes }, `/t/${frames.THREAD}`);
  await waitFor(() => expect(sockets.length).toBeGreaterThan(0));
  return { sockets, socket: newest(sockets) };
}

function newest(sockets: readonly StageSocket[]): StageSocket {
  const socket = sockets.at(-1);
  if (!socket) throw new Error("No socket was opened");
  return socket;
}

function box(): HTMLElement {
  return screen.getByRole("textbox", { name: "Message" });
}

function write(text: string): void {
  fireEvent.change(box(), { target: { value: text } });
}

function sendButton(): HTMLElement {
  return screen.getByRole("button", { name: "Send" });
}

/** @returns the idempotency key the page gave the newest message. */
function keyOf(socket: StageSocket): string {
  const command = socket.commands.at(-1);
  if (command?.type !== "user_message") throw new Error("No message was sent");
  return command.client_message_id ?? "";
}

afterEach(strike);

describe("the message box", () => {
  test("offers nothing to send while it is blank", async () => {
    const { socket } = await converse();
    socket.say(frames.ready());
    expect(sendButton()).toHaveProperty("disabled", true);
    write("  \n ");
    fireEvent.keyDown(box(), { key: "Enter" });
    expect(sendButton()).toHaveProperty("disabled", true);
    expect(socket.commands).toEqual([]);
  });

  test("says by how much a message is too long, and keeps it", async () => {
    const { socket } = await converse();
    socket.say(frames.ready());
    write("x".repeat(MAX_MESSAGE_LENGTH + 1));
    expect(sendButton()).toHaveProperty("disabled", true);
    expect(box().getAttribute("aria-invalid")).toBe("true");
    screen.getByText("The message must be at most 16000 characters; it has 16001.");
  });

  test("keeps a message the server refuses, and says why", async () => {
    const { socket } = await converse();
    socket.say(frames.ready());
    write("Why so slow?");
    fireEvent.click(sendButton());
    await waitFor(() => expect(socket.commands).toHaveLength(1));
    expect(sendButton()).toHaveProperty("disabled", true);
    socket.say(frames.failure("queue_full", { client_message_id: keyOf(socket) }));
    expect((await screen.findByRole("alert")).textContent).toBe("Refused: queue_full");
    expect(box()).toHaveProperty("value", "Why so slow?");
    expect(sendButton()).toHaveProperty("disabled", false);
  });

  test("sends at Enter, but neither with Shift nor while a word is composed", async () => {
    const { socket } = await converse();
    socket.say(frames.ready());
    write("Why so slow?");
    fireEvent.keyDown(box(), { key: "Enter", shiftKey: true });
    fireEvent.keyDown(box(), { key: "Enter", isComposing: true });
    expect(socket.commands).toEqual([]);
    fireEvent.keyDown(box(), { key: "Enter" });
    await waitFor(() =>
      expect(socket.commands).toEqual([
        expect.objectContaining({ type: "user_message", content: "Why so slow?" }),
      ]),
    );
    socket.say(frames.accepted(1, keyOf(socket)));
    await waitFor(() => expect(box()).toHaveProperty("value", ""));
    expect(screen.getByRole("article", { name: "You" }).textContent).toContain("Why so slow?");
  });
});

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

  test("is announced from a log that follows it, unless one reads further up and asks nothing new", async () => {
    const { socket } = await converse();
    const log = screen.getByRole("log", { name: "Conversation" });
    Object.defineProperty(log, "scrollHeight", { value: 500 });
    socket.say(frames.ready(), frames.accepted(1, null), frames.started(2));
    expect(log.getAttribute("aria-live")).toBe("polite");
    expect(log.scrollTop).toBe(500);
    log.scrollTop = 100;
    fireEvent.scroll(log);
    socket.say(frames.delta(0, "It is slow."));
    expect(within(log).getByText("It is slow.")).toBeDefined();
    expect(log.scrollTop).toBe(100);
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
    expect((await screen.findByRole("alert")).textContent).toBe("Refused: not_found");
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
    screen.getByText("The connection was lost. Reconnecting…");
  });

  test("that ended for good says why, and is opened again when asked", async () => {
    const { sockets, socket } = await converse();
    socket.say(frames.ready());
    socket.drop(4409);
    screen.getByText("Not connected.");
    expect(screen.getByRole("alert").textContent).toContain("taken this one's place");
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
    expect((await screen.findByRole("alert")).textContent).toBe("Refused: unavailable");
    expect(screen.getByText("Said 3.")).toBeDefined();
  });
});
