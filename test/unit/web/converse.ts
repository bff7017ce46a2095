/** An open thread on the stage, and the server's end of it. */
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect } from "vitest";
import * as frames from "../client/frames.ts";
import { listing, type Routes, type StageSocket, stage } from "./stage.tsx";

const HOME = listing([frames.thread(frames.THREAD, "Latency")]);

/** Opens the thread, and the server's end of its socket. */
export async function converse(routes: Routes = {}) {
  const staged = await stage({ ...HOME, ...routes }, `/t/${frames.THREAD}`);
  await waitFor(() => expect(staged.sockets.length).toBeGreaterThan(0));
  return { ...staged, socket: newest(staged.sockets) };
}

export function newest(sockets: readonly StageSocket[]): StageSocket {
  const socket = sockets.at(-1);
  if (!socket) throw new Error("No socket was opened");
  return socket;
}

export function box(): HTMLElement {
  return screen.getByRole("textbox", { name: "Message" });
}

export function write(text: string): void {
  fireEvent.change(box(), { target: { value: text } });
}

/** Writes it and presses Enter. */
export function say(text: string): void {
  write(text);
  fireEvent.keyDown(box(), { key: "Enter" });
}

export function button(name: string): HTMLElement {
  return screen.getByRole("button", { name });
}

export function press(name: string): void {
  fireEvent.click(button(name));
}

/** @returns what the page said, as messages. */
export function messagesOf(socket: StageSocket) {
  return socket.commands.flatMap((command) => (command.type === "user_message" ? [command] : []));
}

/** @returns the idempotency key the page gave the newest message. */
export function keyOf(socket: StageSocket): string {
  const key = messagesOf(socket).at(-1)?.client_message_id;
  if (key === undefined) throw new Error("No message was sent");
  return key;
}

/** @returns what is shown of each message, in order. */
export function said(): (string | undefined)[] {
  return screen
    .queryAllByRole("article")
    .map((article) => article.querySelector(".text")?.textContent);
}

/** The browser loses its network, or finds it. */
export function setOnline(isOnline: boolean): void {
  Object.defineProperty(navigator, "onLine", { configurable: true, value: isOnline });
  fireEvent(window, new Event(isOnline ? "online" : "offline"));
}
