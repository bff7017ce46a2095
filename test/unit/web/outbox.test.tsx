/**
 * What is said while the server is out of reach, or will not have it: nothing is lost or said twice.
 * @vitest-environment happy-dom
 */
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import { ThreadId } from "../../../src/protocol/ids.ts";
import {
  keptWords,
  MAX_KEPT_DRAFTS,
  newClientMessageId,
  type Refusal,
  type WaitingMessage,
} from "../../../src/web/conversation/kept-words.ts";
import { forgetRows } from "../../../src/web/stored-rows.ts";
import * as frames from "../client/frames.ts";
import {
  box,
  converse,
  keyOf,
  messagesOf,
  newest,
  press,
  said,
  say,
  setOnline,
} from "./converse.ts";
import { strike } from "./stage.tsx";

const REFUSAL: Refusal = {
  at: 0,
  code: "queue_full",
  message: "Full",
  errors: [],
  retryAfter: undefined,
  limit: undefined,
  newerCode: undefined,
};
const WAITS = /^Waits for the connection/;

afterEach(() => {
  setOnline(true);
  strike();
});

describe("a message said before the connection stands", () => {
  test("is shown as waiting, and goes out when the connection is there", async () => {
    const { socket } = await converse();
    say("Why so slow?");
    await screen.findByText(WAITS);
    expect(socket.commands).toEqual([]);
    socket.say(frames.ready());
    await waitFor(() => expect(messagesOf(socket)).toHaveLength(1));
    screen.getByText("Sending…");
    socket.say(frames.accepted(1, keyOf(socket)));
    await waitFor(() => expect(screen.queryByText("Sending…")).toBeNull());
    expect(said()).toEqual(["Why so slow?"]);
  });

  test("survives a reload, and is sent under the same id", async () => {
    const before = await converse();
    before.socket.say(frames.ready());
    say("Why so slow?");
    await waitFor(() => expect(messagesOf(before.socket)).toHaveLength(1));
    before.unmount();
    const { socket } = await converse();
    expect(said()).toEqual(["Why so slow?"]);
    screen.getByText(WAITS);
    socket.say(frames.ready());
    await waitFor(() => expect(messagesOf(socket)).toHaveLength(1));
    expect(keyOf(socket)).toBe(keyOf(before.socket));
  });

  test("is sent once, and forgotten once the server has it", async () => {
    const first = await converse();
    first.socket.say(frames.ready());
    say("Why so slow?");
    await waitFor(() => expect(messagesOf(first.socket)).toHaveLength(1));
    first.socket.say(frames.accepted(1, keyOf(first.socket)));
    await waitFor(() => expect(screen.queryByText("Sending…")).toBeNull());
    first.unmount();
    const { socket } = await converse();
    socket.say(frames.ready());
    expect(socket.commands).toEqual([]);
    expect(JSON.stringify(localStorage)).not.toContain("Why so slow?");
  });

  test("can be taken back, into the box and under what is written there", async () => {
    const { socket } = await converse();
    say("Why so slow?");
    await screen.findByText(WAITS);
    fireEvent.change(box(), { target: { value: "And" } });
    press("Take back");
    expect(box()).toHaveProperty("value", "And\nWhy so slow?");
    socket.say(frames.ready());
    expect(socket.commands).toEqual([]);
  });

  test("is sent in its place among several", async () => {
    const { socket } = await converse();
    for (const words of ["One", "Two", "Three"]) say(words);
    socket.say(frames.ready());
    await waitFor(() => expect(messagesOf(socket)).toHaveLength(3));
    expect(messagesOf(socket).map(({ content }) => content)).toEqual(["One", "Two", "Three"]);
  });
});

describe("a message that the server refuses", () => {
  test("stays with its words and the reason, to be sent again or taken back", async () => {
    const { socket } = await converse();
    socket.say(frames.ready());
    say("Why so slow?");
    await waitFor(() => expect(messagesOf(socket)).toHaveLength(1));
    const key = keyOf(socket);
    socket.say(frames.failure("queue_full", { client_message_id: key }));
    const alert = (await screen.findByRole("alert")).textContent;
    expect(alert).toContain("Not sent.Too many messages wait in this conversation.");
    expect(alert).toContain("Wait for a run to end, or stop one.");
    expect(said()).toEqual(["Why so slow?"]);
    press("Send again");
    await waitFor(() => expect(messagesOf(socket)).toHaveLength(2));
    expect(keyOf(socket)).toBe(key);
    socket.say(frames.failure("queue_full", { client_message_id: key }));
    await screen.findByRole("alert");
    press("Take back");
    expect(box()).toHaveProperty("value", "Why so slow?");
    expect(said()).toEqual([]);
  });

  test("is not sent again by a reload alone", async () => {
    const before = await converse();
    before.socket.say(frames.ready());
    say("Why so slow?");
    await waitFor(() => expect(messagesOf(before.socket)).toHaveLength(1));
    before.socket.say(frames.failure("queue_full", { client_message_id: keyOf(before.socket) }));
    await screen.findByRole("alert");
    before.unmount();
    const { socket } = await converse();
    socket.say(frames.ready());
    expect(said()).toEqual(["Why so slow?"]);
    expect(socket.commands).toEqual([]);
  });
});

describe("without a network", () => {
  test("says so, keeps what is said, and sends it when the network is back", async () => {
    const { socket } = await converse();
    socket.say(frames.ready());
    setOnline(false);
    screen.getByText(/^You are offline\./);
    say("Why so slow?");
    await screen.findByText(WAITS);
    expect(socket.commands).toEqual([]);
    setOnline(true);
    await waitFor(() => expect(messagesOf(socket)).toHaveLength(1));
    expect(screen.queryByText(/^You are offline\./)).toBeNull();
  });

  test("dials again as soon as the network is back, not after the wait", async () => {
    const { socket, sockets } = await converse();
    socket.say(frames.ready());
    setOnline(false);
    socket.drop(1006);
    expect(sockets).toHaveLength(1);
    setOnline(true);
    await waitFor(() => expect(sockets).toHaveLength(2), { timeout: 200, interval: 10 });
  });

  test("keeps what was handed to a connection that then ended for good", async () => {
    const { socket, sockets } = await converse();
    socket.say(frames.ready());
    say("Why so slow?");
    await waitFor(() => expect(messagesOf(socket)).toHaveLength(1));
    socket.drop(4409);
    await screen.findByText(WAITS);
    press("Connect again");
    await waitFor(() => expect(sockets).toHaveLength(2));
    newest(sockets).say(frames.ready());
    await waitFor(() => expect(keyOf(newest(sockets))).toBe(keyOf(socket)));
  });
});

describe("what is kept", () => {
  const thread = (n: number) => keptWords("user-1", ThreadId.parse(`thread-${n}`));
  const waiting = (content: string): WaitingMessage => ({
    ...{ id: newClientMessageId(), content, replaces: null, refusal: null },
  });

  test("is every tab's own word: none undoes another's, and the order is that of saying", () => {
    const [one, other] = [thread(1), thread(1)];
    const words = [waiting("One"), waiting("Two"), waiting("Three")] as const;
    one.add(words[0]);
    other.add(words[1]);
    one.add(words[2]);
    expect(other.readWaiting()).toEqual(words);
    expect(other.remove(words[0])).toBe(true);
    expect(one.remove(words[0])).toBe(false);
    one.change({ ...words[0], refusal: REFUSAL });
    expect(one.readWaiting()).toEqual([words[1], words[2]]);
  });

  test("is bounded: the oldest drafts go, what waits stays", () => {
    thread(0).add(waiting("Waits"));
    thread(0).keepDraft("The oldest");
    for (let n = 1; n <= MAX_KEPT_DRAFTS; n++) thread(n).keepDraft(`Draft ${n}`);
    expect(thread(0).readWaiting()).toHaveLength(1);
    expect(thread(0).readDraft()).toBe("");
    expect(Object.keys(localStorage)).toHaveLength(MAX_KEPT_DRAFTS + 1);
    expect(thread(MAX_KEPT_DRAFTS).readDraft()).toBe(`Draft ${MAX_KEPT_DRAFTS}`);
  });

  test("is nothing where the storage holds something else", () => {
    localStorage.setItem("apex-edge.drafts/user-1/thread-1", '{"at":1,"draft":2}');
    localStorage.setItem("apex-edge.waiting/user-1/thread-1/a", "no JSON");
    expect(thread(1).readDraft()).toBe("");
    expect(thread(1).readWaiting()).toEqual([]);
  });

  test("lives on in the page where the storage is full", () => {
    const full = thread(1);
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    try {
      full.keepDraft("Still here");
      full.add(waiting("Waits"));
      expect(thread(1).readDraft()).toBe("Still here");
      expect(thread(1).readWaiting()).toHaveLength(1);
    } finally {
      Storage.prototype.setItem = setItem;
      forgetRows("user-1");
    }
    expect(thread(1).readWaiting()).toEqual([]);
  });

  test("follows what another tab took back", async () => {
    await converse();
    say("Why so slow?");
    await screen.findByText(WAITS);
    const [key = ""] = Object.keys(localStorage).filter((each) => each.includes("waiting"));
    localStorage.removeItem(key);
    fireEvent(window, new StorageEvent("storage", { key }));
    expect(said()).toEqual([]);
  });
});
