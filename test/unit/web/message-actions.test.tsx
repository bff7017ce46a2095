/**
 * What a person does to a message: copies it, changes it, has it answered anew, takes it back.
 * @vitest-environment happy-dom
 */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import * as frames from "../client/frames.ts";
import { box, button, converse, keyOf, messagesOf, press, said } from "./converse.ts";
import { strike } from "./stage.tsx";

afterEach(strike);

const ANSWERED = [
  frames.ready(),
  frames.accepted(1, null),
  frames.started(2),
  frames.completed(3, "It is slow."),
];

/** A question that waits behind another. */
const QUEUED = frames.event(3, "message_accepted", {
  client_message_id: null,
  message_id: "message-2",
  run_id: "run-2",
  content: "And now?",
  replaces: null,
  queue_position: 1,
});

describe("an earlier question", () => {
  test("is edited in the box, and takes its own place, with all that came after", async () => {
    const { socket } = await converse();
    socket.say(...ANSWERED);
    fireEvent.change(box(), { target: { value: "A draft" } });
    press("Edit");
    expect(box()).toHaveProperty("value", "Why so slow?");
    expect(document.activeElement).toBe(box());
    fireEvent.change(box(), { target: { value: "Why so fast?" } });
    fireEvent.keyDown(box(), { key: "Enter" });
    await waitFor(() =>
      expect(messagesOf(socket)).toEqual([
        expect.objectContaining({
          content: "Why so fast?",
          replaces: "message-1",
          queueing: "interrupt",
        }),
      ]),
    );
    expect(said()).toEqual(["Why so fast?"]);
    expect(box()).toHaveProperty("value", "A draft");
  });

  test("is left as it was by Escape, and the draft is there again", async () => {
    const { socket } = await converse();
    socket.say(...ANSWERED);
    fireEvent.change(box(), { target: { value: "A draft" } });
    press("Edit");
    fireEvent.change(box(), { target: { value: "Why so fast?" } });
    fireEvent.keyDown(box(), { key: "Escape" });
    expect(box()).toHaveProperty("value", "A draft");
    expect(said()).toEqual(["Why so slow?", "It is slow."]);
    expect(socket.commands).toEqual([]);
  });

  test("is recalled by ArrowUp in the empty box, but not over a draft", async () => {
    const { socket } = await converse();
    socket.say(...ANSWERED);
    fireEvent.change(box(), { target: { value: "A draft" } });
    fireEvent.keyDown(box(), { key: "ArrowUp" });
    expect(box()).toHaveProperty("value", "A draft");
    fireEvent.change(box(), { target: { value: "" } });
    fireEvent.keyDown(box(), { key: "ArrowUp" });
    expect(box()).toHaveProperty("value", "Why so slow?");
  });

  test("is shown again, with its answer, where the server refuses the edit", async () => {
    const { socket } = await converse();
    socket.say(...ANSWERED);
    press("Regenerate");
    await waitFor(() => expect(messagesOf(socket)).toHaveLength(1));
    expect(said()).toEqual(["Why so slow?"]);
    socket.say(frames.failure("invalid_fields", { client_message_id: keyOf(socket) }));
    await screen.findByRole("alert");
    expect(said()).toEqual(["Why so slow?", "It is slow.", "Why so slow?"]);
  });
});

describe("an answer", () => {
  test("is made anew by its question, said again in its own place", async () => {
    const { socket } = await converse();
    socket.say(...ANSWERED);
    press("Regenerate");
    await waitFor(() =>
      expect(messagesOf(socket)).toEqual([
        expect.objectContaining({ content: "Why so slow?", replaces: "message-1" }),
      ]),
    );
  });

  test("can neither be copied nor made anew while it is being written", async () => {
    const { socket } = await converse();
    socket.say(...ANSWERED.slice(0, 3), frames.delta(0, "It"));
    const answer = within(screen.getByRole("article", { name: "Apex Edge" }));
    expect(answer.queryByRole("button", { name: "Regenerate" })).toBeNull();
    expect(answer.queryByRole("button", { name: "Copy" })).toBeNull();
  });

  test("is copied as the Markdown that it is", async () => {
    const { socket } = await converse();
    socket.say(...ANSWERED.slice(0, 3), frames.completed(3, "It is **slow**."));
    const answer = within(screen.getByRole("article", { name: "Apex Edge" }));
    fireEvent.click(answer.getByRole("button", { name: "Copy" }));
    await answer.findByText("Copied");
    expect(await navigator.clipboard.readText()).toBe("It is **slow**.");
  });
});

describe("a question that waits for its turn", () => {
  test("can be taken back out of the queue, and its words into the box", async () => {
    const { socket } = await converse();
    socket.say(...ANSWERED.slice(0, 3));
    socket.say(QUEUED);
    const question = screen.getByText("And now?").closest("article");
    expect(question?.textContent).toContain("Queued");
    press("Take back");
    expect(socket.commands).toEqual([{ type: "cancel", run_id: "run-2" }]);
    expect(box()).toHaveProperty("value", "And now?");
    expect(said()).toEqual(["Why so slow?", ""]);
  });

  test("stands beside the run that is live, which Stop still means", async () => {
    const { socket } = await converse();
    socket.say(...ANSWERED.slice(0, 3), QUEUED);
    fireEvent.click(button("Stop"));
    expect(socket.commands).toEqual([{ type: "cancel", run_id: "run-1" }]);
  });
});

describe("an empty thread", () => {
  test("offers questions to begin with, which one press asks", async () => {
    const { socket } = await converse();
    socket.say(frames.ready());
    press("Where does our money go, by team?");
    await waitFor(() => expect(messagesOf(socket)).toHaveLength(1));
    expect(said()).toEqual(["Where does our money go, by team?"]);
    expect(screen.queryByRole("region", { name: "For example" })).toBeNull();
  });
});
