/** One question from a script: what goes to which stream, and the exit code. */
import { describe, expect, test } from "vitest";
import { Command } from "../../../src/protocol/commands.ts";
import { ServerFrame } from "../../../src/protocol/events.ts";
import {
  completed,
  delta,
  event,
  failure,
  message,
  problem,
  ready,
  started,
  THREAD,
} from "../client/frames.ts";
import { ScriptedServer } from "../client/scripted-server.ts";
import { ANSWER, answeringServer, SUMMARY, sayAll, TestTerminal, THINKING } from "./world.ts";

describe("a question that is not answered", () => {
  test("fails with the run, whose answer is no answer", async () => {
    const data = { status: "failed", problem: problem("model_timeout", 504) };
    const server = answeringServer(started(2), delta(0, "All"), completed(3, "All", data));
    const terminal = new TestTerminal(false);
    expect(await terminal.run(server, "Why?")).toBe(1);
    expect(terminal.out).toBe("");
    expect(terminal.err).toContain("✗ failed");
    expect(terminal.err).toContain("Refused: model_timeout");
  });

  test("fails where the server refuses it", async () => {
    const server = new ScriptedServer();
    server.onSocket = (socket) => {
      socket.onCommand = (command) => {
        if (command.type !== "user_message") return;
        const { client_message_id } = command;
        socket.say(failure("queue_full", { command: "user_message", client_message_id }));
      };
      socket.accept(ready());
    };
    const terminal = new TestTerminal(false);
    expect(await terminal.run(server, "Why?")).toBe(1);
    expect(terminal.err).toContain("Refused: queue_full\n");
  });

  test("fails where there is no such thread", async () => {
    const server = new ScriptedServer();
    server.onSocket = (socket) => socket.drop();
    const terminal = new TestTerminal(false);
    expect(await terminal.run(server, "--thread", "gone", "Why?")).toBe(1);
    expect(terminal.err).toBe("The server answered with status 404.\n");
  });

  test("is stopped when its time is over", async () => {
    const server = answeringServer(started(2));
    const terminal = new TestTerminal(false);
    expect(await terminal.run(server, "--timeout", "0.05", "Why?")).toBe(1);
    expect(terminal.err).toContain("No answer within 0.05 s: it was stopped.");
    expect(server.socket.commands.at(-1)).toEqual({ type: "cancel", run_id: "run-1" });
  });

  test("is stopped when the user interrupts", async () => {
    const server = answeringServer(started(2), THINKING);
    const terminal = new TestTerminal(false);
    terminal.stderr.on("data", () => terminal.interrupt.abort());
    server.onSocket = withCancel(server, completed(4, "", { status: "cancelled" }));
    expect(await terminal.run(server, "Why?")).toBe(1);
    expect(terminal.err).toContain("■ cancelled");
  });

  test("is not even asked where the user interrupted before", async () => {
    const terminal = new TestTerminal(false);
    terminal.interrupt.abort();
    expect(await terminal.run(new ScriptedServer(), "Why?")).toBe(1);
  });

  /** @returns the server's part, in which a cancellation brings one more frame. */
  function withCancel(server: ScriptedServer, frame: ServerFrame): typeof server.onSocket {
    const accept = server.onSocket;
    return (socket) => {
      accept?.(socket);
      const { onCommand } = socket;
      socket.onCommand = (command) =>
        command.type === "cancel" ? socket.say(frame) : onCommand?.(command);
    };
  }
});

describe("an answer", () => {
  test("into a pipe is all there is on the standard output; the events are beside it", async () => {
    const terminal = new TestTerminal(false);
    expect(await terminal.run(answeringServer(...ANSWER), "Why?")).toBe(0);
    expect(terminal.out).toBe("All is well.\n");
    expect(terminal.err.split("\n")).toEqual([
      "supervisor started, model demo",
      "supervisor   1. Measure the latency",
      "supervisor The tail is long, so the slowest model is measured before anything else.",
      SUMMARY,
      "thread thread-1",
      "",
    ]);
  });

  test("on a terminal streams, and events between its pieces have lines of their own", async () => {
    const late = event(4, "thread_updated", { title: "Latency", metadata: {} });
    const frames = [started(2), THINKING, delta(0, "All is "), late, delta(7, "well.")];
    const terminal = new TestTerminal(true);
    const server = answeringServer(...frames, completed(5, "All is well."));
    expect(await terminal.run(server, "Why?")).toBe(0);
    expect(terminal.out).toBe("All is \nwell.\n");
  });

  test("as JSON is every frame on a line, parsed again without loss", async () => {
    const terminal = new TestTerminal(false);
    expect(await terminal.run(answeringServer(...ANSWER), "--json", "Why?")).toBe(0);
    const lines = terminal.out.trim().split("\n");
    const frames = lines.map((line) => ServerFrame.parse(JSON.parse(line)));
    expect(frames[0]).toEqual(ready());
    expect(frames[1]?.type).toBe("message_accepted");
    expect(frames.slice(2)).toEqual(ANSWER);
    expect(terminal.err).toBe("");
  });

  test("to a question on the standard input", async () => {
    const server = answeringServer(...ANSWER);
    const terminal = new TestTerminal(false);
    terminal.stdin.end("Why\nso slow?\n");
    expect(await terminal.run(server, "-")).toBe(0);
    expect(server.socket.commands[0]).toMatchObject({ content: "Why\nso slow?" });
  });

  test("in a thread that goes on leaves out what was said before", async () => {
    const server = new ScriptedServer();
    const earlier = { message_id: "message-0", run_id: "run-0", content: "Earlier" };
    const old = event(1, "message_accepted", {
      ...earlier,
      client_message_id: null,
      replaces: null,
      queue_position: 0,
    });
    server.onSocket = (socket) => {
      socket.onCommand = (command) => {
        if (command.type !== "user_message") return;
        const { client_message_id, content } = command;
        const data = { client_message_id, content, message_id: "m", run_id: "run-1" };
        socket.say(event(2, "message_accepted", { ...data, replaces: null, queue_position: 0 }));
        sayAll(socket, started(3), completed(4, "All is well."));
      };
      socket.accept(ready({ last_seq: 1 }), old);
    };
    const terminal = new TestTerminal(false);
    expect(await terminal.run(server, "--thread", THREAD, "--json", "Why?")).toBe(0);
    expect(terminal.out).not.toContain("Earlier");
    expect(server.socket.url.pathname).toBe(`/api/threads/${THREAD}/socket`);
  });

  test("is found in the history where its events were lost", async () => {
    const server = new ScriptedServer();
    const data = [message("a", 5, "assistant", "All is well."), message("m", 1, "user", "Why?")];
    server.routes.set(`GET /api/threads/${THREAD}/messages`, () => ({
      status: 200,
      body: { data, has_more: false, next_cursor: null },
    }));
    let sockets = 0;
    server.onSocket = (socket) => {
      if (++sockets > 1) {
        socket.accept(ready({ recovered: false, last_seq: 6, replay_after: 6 }));
        return;
      }
      socket.accept(ready());
      const said = Command.parse(JSON.parse(socket.received[0] ?? ""));
      if (said.type !== "user_message") return;
      const { client_message_id, content } = said;
      const accepted = { client_message_id, content, message_id: "m", run_id: "run-1" };
      socket.say(event(1, "message_accepted", { ...accepted, replaces: null, queue_position: 0 }));
      socket.drop(1012);
    };
    const terminal = new TestTerminal(false);
    expect(await terminal.run(server, "Why?")).toBe(0);
    expect(terminal.out).toBe("All is well.\n");
    expect(terminal.err).toContain("not connected: trying again…");
  });
});
