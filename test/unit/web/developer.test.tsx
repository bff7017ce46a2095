/** @vitest-environment happy-dom: what the developer panel keeps, shows and copies. */
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Toasts } from "../../../src/web/design/toasts.tsx";
import { Developer } from "../../../src/web/developer/developer.tsx";
import { FRAMES, FrameLog, MOST_FRAMES } from "../../../src/web/developer/frame-log.ts";
import { EN } from "../../../src/web/words/en.ts";
import { StageSocket } from "./stage.tsx";

const WORDS = EN.developer;
const addressOf = (thread: string) => `ws://apex.test/api/threads/${thread}/socket?after=0`;

/** A socket that says what a test writes, as it stands. */
class WireSocket extends StageSocket {
  readonly #hear: ((event: { readonly data: unknown; readonly code: number }) => void)[] = [];

  override addEventListener(
    type: string,
    listener: (event: { readonly data: unknown; readonly code: number }) => void,
  ): void {
    super.addEventListener(type, listener);
    if (type === "message") this.#hear.push(listener);
  }

  tell(text: string): void {
    for (const hear of this.#hear) hear({ data: text, code: 0 });
  }
}

function open(log: FrameLog, thread: string): WireSocket {
  const opened: WireSocket[] = [];
  const Socket = log.tap(
    class extends WireSocket {
      constructor(url: string) {
        super(url);
        opened.push(this);
      }
    },
  );
  new Socket(addressOf(thread), ["apex-edge.v1", "bearer.a-secret-token"]);
  const [socket] = opened;
  if (!socket) throw new Error("No socket was opened.");
  return socket;
}

function event(seq: number | null, type: string, data: object = {}): string {
  const context = { timestamp: new Date(Date.now() - 25).toISOString() };
  return JSON.stringify({ type, seq, context, data });
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("a frame log", () => {
  it("forgets another thread's frames, and what its old socket says later", () => {
    const log = new FrameLog();
    const first = open(log, "one");
    first.tell(event(1, "handoff"));
    const second = open(log, "two");
    first.tell(event(2, "handoff"));
    second.tell(event(1, "tool_executing"));
    expect(log.read()).toMatchObject({ threadId: "two", reconnects: 0, state: "open" });
    expect(log.read().arrivals.map(({ text }) => text)).toEqual([
      expect.stringContaining("tool_executing"),
    ]);
  });

  it("keeps the last thousand frames, each with the epoch it belongs to", () => {
    const log = new FrameLog();
    const socket = open(log, "one");
    socket.tell(event(null, "connection_ready", { epoch: "an-epoch" }));
    for (let seq = 1; seq <= MOST_FRAMES + 5; seq += 1) socket.tell(event(seq, "handoff"));
    const { arrivals } = log.read();
    expect([arrivals.length, arrivals[0]?.number]).toEqual([MOST_FRAMES, 7]);
    expect(arrivals.every(({ epoch }) => epoch === "an-epoch")).toBe(true);
  });

  it("keeps no more text than it may, however large a frame is", () => {
    const log = new FrameLog();
    const socket = open(log, "one");
    socket.tell("x".repeat(3_000_000));
    socket.tell("y".repeat(3_000_000));
    expect(log.read().arrivals.map(({ text }) => text[0])).toEqual(["y"]);
  });

  it("counts the sockets that came after the first, and keeps why the last was closed", () => {
    const log = new FrameLog();
    open(log, "one").drop(1006);
    expect(log.read()).toMatchObject({ state: "closed", closeCode: 1006, reconnects: 0 });
    open(log, "one");
    expect(log.read()).toMatchObject({ state: "connecting", reconnects: 1 });
  });

  it("gives the same object until there is more", () => {
    const log = new FrameLog();
    const socket = open(log, "one");
    socket.tell(event(1, "handoff"));
    const before = log.read();
    expect(log.read()).toBe(before);
    socket.tell(event(2, "handoff"));
    expect(log.read()).not.toBe(before);
  });
});

describe("the developer panel", () => {
  async function shown() {
    render(
      <Toasts>
        <Developer />
      </Toasts>,
    );
    fireEvent.keyDown(document.body, { code: "KeyD", ctrlKey: true, shiftKey: true });
    return await screen.findByRole("complementary", { name: WORDS.title });
  }

  it("is not there until it is asked for, and goes by Escape", async () => {
    render(<Developer />);
    expect(screen.queryByRole("complementary")).toBeNull();
    cleanup();
    fireEvent.keyDown(await shown(), { key: "Escape" });
    expect(screen.queryByRole("complementary")).toBeNull();
  });

  it("says that the browser keeps the clipboard to itself", async () => {
    vi.stubGlobal("navigator", { ...navigator, clipboard: undefined });
    await shown();
    fireEvent.click(screen.getByRole("button", { name: WORDS.copy }));
    await screen.findByText(WORDS.notCopied);
  });

  it("lists the frames, unfolds one, and filters by words", async () => {
    const socket = open(FRAMES, "listed");
    socket.tell(event(7, "handoff", { reason: "because" }));
    socket.tell(event(8, "tool_executing"));
    socket.tell("no JSON");
    await shown();
    const list = screen.getByRole("list", { name: WORDS.frames });
    expect(list.querySelectorAll("li")).toHaveLength(3);
    const details = list.querySelector("details");
    if (details) details.open = true;
    await vi.waitFor(() => expect(list.querySelector("pre")?.textContent).toContain("because"));
    fireEvent.change(screen.getByRole("searchbox"), { target: { value: "TOOL exec" } });
    await vi.waitFor(() => expect(list.querySelectorAll("li")).toHaveLength(1));
    fireEvent.change(screen.getByRole("searchbox"), { target: { value: "nothing like it" } });
    await screen.findByText(WORDS.noFrames);
  });

  it("shows what arrives meanwhile", async () => {
    const socket = open(FRAMES, "live");
    await shown();
    await screen.findByText(WORDS.noFrames);
    act(() => socket.tell(event(1, "run_complete")));
    await screen.findByText("run_complete");
  });

  it("takes no latency from an event that is told again to a new connection", async () => {
    const written: string[] = [];
    const clipboard = { writeText: async (text: string) => void written.push(text) };
    vi.stubGlobal("navigator", { ...navigator, clipboard });
    const socket = open(FRAMES, "resumed");
    socket.tell(event(null, "connection_ready", { epoch: "e1", last_seq: 3 }));
    socket.tell(event(3, "handoff"));
    socket.tell(event(4, "handoff"));
    await shown();
    fireEvent.click(screen.getByRole("button", { name: WORDS.copy }));
    await screen.findByText(WORDS.copied(3));
    const { frames } = JSON.parse(written[0] ?? "");
    expect(frames[1].latency_ms).toBeNull();
    expect(frames[2].latency_ms).toBeGreaterThanOrEqual(25);
  });

  it("copies seq, epoch, latency and size of what it shows, and no token", async () => {
    const written: string[] = [];
    const clipboard = { writeText: async (text: string) => void written.push(text) };
    vi.stubGlobal("navigator", { ...navigator, clipboard });
    const socket = open(FRAMES, "copied");
    socket.tell(event(null, "connection_ready", { epoch: "e1" }));
    socket.tell(event(3, "handoff"));
    const panel = await shown();
    fireEvent.click(screen.getByRole("button", { name: WORDS.copy }));
    await screen.findByText(WORDS.copied(2));
    const copy = JSON.parse(written[0] ?? "");
    expect(copy).toMatchObject({ thread_id: "copied", state: "open", reconnects: 0 });
    expect(copy.frames[1]).toMatchObject({ seq: 3, epoch: "e1", type: "handoff" });
    expect(copy.frames[1].latency_ms).toBeGreaterThanOrEqual(25);
    expect(copy.frames[1].bytes).toBe(event(3, "handoff").length);
    expect(written[0]).not.toContain("a-secret-token");
    expect(panel.textContent).not.toContain("a-secret-token");
  });
});
