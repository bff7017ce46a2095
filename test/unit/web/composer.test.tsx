/**
 * The message box: what it sends, what it holds back, and what it keeps.
 * @vitest-environment happy-dom
 */
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import { MAX_MESSAGE_LENGTH } from "../../../src/protocol/limits.ts";
import { keptWords } from "../../../src/web/conversation/kept-words.ts";
import { forgetRows } from "../../../src/web/stored-rows.ts";
import * as frames from "../client/frames.ts";
import { box, button, converse, keyOf, say, write } from "./converse.ts";
import { strike } from "./stage.tsx";

afterEach(strike);

describe("the message box", () => {
  test("offers nothing to send while it is blank", async () => {
    const { socket } = await converse();
    socket.say(frames.ready());
    expect(button("Send")).toHaveProperty("disabled", true);
    say("  \n ");
    expect(button("Send")).toHaveProperty("disabled", true);
    expect(socket.commands).toEqual([]);
  });

  test("tells the limit before it is reached", async () => {
    await converse();
    write("x".repeat(MAX_MESSAGE_LENGTH - 1_001));
    expect(screen.queryByText(/characters? left/)).toBeNull();
    write("x".repeat(MAX_MESSAGE_LENGTH - 1));
    screen.getByText("1 character left.");
    expect(button("Send")).toHaveProperty("disabled", false);
  });

  test("says by how much a message is too long, and keeps it", async () => {
    const { socket } = await converse();
    socket.say(frames.ready());
    write("x".repeat(MAX_MESSAGE_LENGTH + 1));
    expect(button("Send")).toHaveProperty("disabled", true);
    expect(box().getAttribute("aria-invalid")).toBe("true");
    screen.getByText("The message must be at most 16,000 characters; it has 16,001.");
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
    expect(box()).toHaveProperty("value", "");
    socket.say(frames.accepted(1, keyOf(socket)));
    await waitFor(() => expect(screen.getAllByRole("article")).toHaveLength(1));
    expect(screen.getByRole("article", { name: "You" }).textContent).toContain("Why so slow?");
  });
});

describe("a draft", () => {
  test("is there again after a reload, and gone once it was sent", async () => {
    const { unmount } = await converse();
    write("Half a thought");
    unmount();
    const { socket, unmount: leave } = await converse();
    expect(box()).toHaveProperty("value", "Half a thought");
    socket.say(frames.ready());
    press();
    leave();
    await converse();
    expect(box()).toHaveProperty("value", "");
  });

  test("is forgotten when its person logs out", async () => {
    const { unmount } = await converse();
    write("Nobody else may read this");
    unmount();
    forgetRows(frames.USER.id);
    expect(JSON.stringify(localStorage)).not.toContain("Nobody else");
  });

  test("of a user is never another's", () => {
    keptWords("user-1", frames.THREAD).keepDraft("Mine");
    expect(keptWords("user-2", frames.THREAD).readDraft()).toBe("");
    forgetRows("user");
    expect(keptWords("user-1", frames.THREAD).readDraft()).toBe("Mine");
  });
});

function press(): void {
  fireEvent.click(button("Send"));
}
