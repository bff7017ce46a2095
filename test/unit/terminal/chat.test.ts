/** A conversation on a terminal, typed line by line. */
import { describe, expect, test, vi } from "vitest";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import { HELP } from "../../../src/terminal/help.ts";
import {
  accepted,
  completed,
  delta,
  event,
  failure,
  message,
  ready,
  started,
  THREAD,
  thread,
} from "../client/frames.ts";
import type { ScriptedServer } from "../client/scripted-server.ts";
import { ANSWER, answeringServer, SUMMARY, sayAll, TestTerminal } from "./world.ts";

const TOOL: readonly ServerFrame[] = [
  event(3, "tool_executing", {
    call_id: "call-1",
    tool_name: "cost_summary",
    operation: "Adds up the cost of the last month.",
    arguments: { days: 30 },
  }),
  event(4, "tool_completed", {
    call_id: "call-1",
    tool_name: "cost_summary",
    status: "succeeded",
    duration_ms: 12,
    results: { total: 7 },
  }),
];

let server: ScriptedServer;
let terminal: TestTerminal;
let exit: Promise<number>;

/** Sits down at a terminal of a server that answers with these frames. */
function sit(frames: readonly ServerFrame[] = ANSWER, ...args: string[]): void {
  server = answeringServer(...frames);
  server.routes.set(`GET /api/threads/${THREAD}`, () => ({
    status: 200,
    body: thread(THREAD, "Latency"),
  }));
  terminal = new TestTerminal(true);
  exit = terminal.run(server, ...args);
}

async function leave(): Promise<void> {
  terminal.type("/quit");
  expect([await exit, terminal.err]).toEqual([0, ""]);
}

describe("what can't be done is said", () => {
  test.each([
    ["/dance", "There is no /dance. /help lists the commands."],
    ["/", "There is no /. /help lists the commands."],
    ["/stop", "Nothing is running."],
    ["/expand", "No tool was called yet."],
    ["/expand 7", "No call 7."],
    ["/figures", "No answer with figures was given here yet."],
    ["/open", "Which? /open takes a number of /threads, or an id."],
    ["/open gone", "! The server answered with status 404."],
    ["/rename Latency", "There is no thread yet: say something first."],
    ["/threads", "! The server answered with status 404."],
    ["x".repeat(16_001), "! In the message: content: must be at most 16000 characters"],
  ])("%.20s", async (line, said) => {
    sit();
    terminal.type(line);
    await terminal.shows(`${said}\n`);
    await leave();
  });

  test("a rename without a title", async () => {
    sit(ANSWER, "--thread", THREAD);
    terminal.type("/rename");
    await terminal.shows("/rename needs a title.\n");
    await leave();
  });

  test("a problem that the connection tells", async () => {
    sit([...ANSWER, failure("queue_full")]);
    terminal.type("Why?");
    await terminal.shows("! Refused: queue_full\n");
    await leave();
  });

  test("the end of the connection, once, and the next message opens another", async () => {
    sit([started(2)]);
    terminal.type("Why?");
    await terminal.shows("started");
    server.socket.drop(4403);
    await terminal.shows("! You are not permitted to open this thread.\n");
    terminal.type("Why?");
    await vi.waitFor(() => expect(server.sockets).toHaveLength(2));
    await leave();
  });
});

describe("a message", () => {
  test("is answered with every event, the answer as it comes, and what it cost", async () => {
    sit();
    terminal.type("Why?");
    await terminal.shows(SUMMARY);
    expect(terminal.out).toContain(
      [
        "supervisor started, model demo",
        "supervisor   1. Measure the latency",
        "supervisor The tail is long, so the slowest model is measured before anything else.",
        "apex › All is well.",
        SUMMARY,
        "",
      ].join("\n"),
    );
    expect(server.socket.url.pathname).toBe("/ws");
    await leave();
  });

  test("shows its tool calls folded, and in full when asked", async () => {
    sit([started(2), ...TOOL, completed(5, "7 dollars.")]);
    terminal.type("Why?");
    await terminal.shows('supervisor #1 cost_summary succeeded in 12 ms: {"total":7}\n');
    terminal.type("/expand");
    await terminal.shows('arguments: {\n  "days": 30\n}\nresults: {\n  "total": 7\n}\n');
    await leave();
  });

  test("tells what each of its figures rests on, and which no tool computed", async () => {
    const finding = {
      ...{ fact_id: "cost_summary.total", call_id: "call-1", tool_name: "cost_summary" },
      ...{ name: "total cost", value: 7, unit: "USD", interval: { low: 6.5, high: 8 } },
      ...{ n_records: 1, basis: "measured" },
    };
    const grounding = {
      citations: [{ offset: 6, length: 5, fact_id: finding.fact_id }],
      unverified: [{ offset: 16, length: 4 }],
    };
    const results = { findings: [finding], grounding, outcome: null, report: null };
    sit([started(2), ...TOOL, completed(5, "It is $7.00, or 90 % of it.", { results })]);
    terminal.type("Why?");
    await terminal.shows(SUMMARY);
    terminal.type("/figures");
    await terminal.shows(
      [
        "1. $7.00: total cost is 7 USD, between 6.5 and 8; measured from 1 record by #1 cost_summary",
        "! 90 %: no tool computed it",
        "/expand with the number of a call shows all that it gave.",
        "",
      ].join("\n"),
    );
    await leave();
  });

  test("of another device is shown as well", async () => {
    sit(ANSWER, "--thread", THREAD);
    await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
    sayAll(server.socket, accepted(1, "theirs", "And I?"), started(2));
    await terminal.shows("you › And I?\nsupervisor started");
    await leave();
  });
});

describe("a run", () => {
  test.each([["/stop\n"], ["\u0003"]])("is stopped by %j", async (keys) => {
    sit([started(2), delta(0, "All is ")]);
    terminal.type("Why?");
    await terminal.shows("apex › All is");
    terminal.stdin.write(keys);
    await vi.waitFor(() =>
      expect(server.socket.commands.at(-1)).toEqual({ type: "cancel", run_id: "run-1" }),
    );
    server.socket.say(completed(3, "All is ", { status: "cancelled" }));
    await terminal.shows("■ cancelled");
    await leave();
  });

  test("survives a lost connection, and both are said", async () => {
    sit([started(2), delta(0, "All is ")]);
    terminal.type("Why?");
    await terminal.shows("apex › All is");
    server.onSocket = (socket) =>
      socket.accept(ready(), delta(0, "All is w"), completed(3, "All is well."));
    server.socket.drop();
    await terminal.shows("Not connected: trying again…\nConnected again.\nw");
    await terminal.shows(SUMMARY);
    await leave();
  });

  test("that went on out of sight is shown by the history", async () => {
    sit([started(2), delta(0, "All is ")]);
    terminal.type("Why?");
    await terminal.shows("apex › All is");
    const data = [message("answer-1", 2, "assistant", "All is well.")];
    server.routes.set(`GET /api/threads/${THREAD}/messages`, () => ({
      status: 200,
      body: { data, has_more: false, next_cursor: null },
    }));
    server.onSocket = (socket) =>
      socket.accept(ready({ recovered: false, last_seq: 9, replay_after: 9 }));
    server.socket.drop();
    await terminal.shows("you › Why?\napex › All is well.\n");
    await leave();
  });
});

describe("threads", () => {
  test("are listed by number, opened with their history, and renamed", async () => {
    sit();
    const data = [thread("thread-0", null), thread(THREAD, "Latency")];
    server.routes.set("GET /api/threads", () => ({
      status: 200,
      body: { data, has_more: true, next_cursor: "more" },
    }));
    server.routes.set(`PATCH /api/threads/${THREAD}`, () => ({
      status: 200,
      body: thread(THREAD, "Cost"),
    }));
    terminal.type("/threads");
    await terminal.shows("2. Latency 2026-11-21 thread-1\nThese are the newest; there are more.\n");
    server.onSocket = (socket) =>
      socket.accept(ready({ last_seq: 4 }), accepted(1, null, "Why?"), ...ANSWER);
    terminal.type("/open 2");
    await terminal.shows("Thread Latency\n");
    await terminal.shows("you › Why?\napex › All is well.\n");
    expect(terminal.out).not.toContain("started");
    terminal.type("/rename Cost");
    await terminal.shows("Renamed to Cost\n");
    await leave();
  });

  test("may be none, and another begins when asked", async () => {
    sit();
    server.routes.set("GET /api/threads", () => ({
      status: 200,
      body: { data: [], has_more: false, next_cursor: null },
    }));
    terminal.type("/threads");
    await terminal.shows("You have no threads yet.\n");
    terminal.type("Why?");
    await terminal.shows(SUMMARY);
    terminal.type("/new");
    await terminal.shows("Another thread begins with your next message.\n");
    terminal.type("And now?");
    await vi.waitFor(() => expect(server.sockets).toHaveLength(2));
    expect(server.socket.url.pathname).toBe("/ws");
    await leave();
  });

  test("open with the answer that is being written", async () => {
    sit();
    server.onSocket = (socket) => {
      socket.accept(ready({ last_seq: 2 }), accepted(1, null, "Why?"), started(2));
      socket.say(delta(0, "All is"));
    };
    terminal.type(`/open ${THREAD}`);
    await terminal.shows("you › Why?\napex › All is");
    await leave();
  });
});

test("help names every command", async () => {
  sit();
  terminal.type("/help");
  await terminal.shows(HELP);
  await leave();
});

test("Ctrl-C leaves where nothing runs", async () => {
  sit();
  await terminal.shows("›");
  terminal.stdin.write("\u0003");
  expect([await exit, terminal.err]).toEqual([0, ""]);
});

test("lines from a pipe are said one after the other, without a prompt", async () => {
  server = answeringServer();
  terminal = new TestTerminal(false);
  const connect = server.onSocket;
  let seq = 0;
  server.onSocket = (socket) => {
    connect?.(socket);
    socket.onCommand = (command) => {
      if (command.type !== "user_message") return;
      const ids = {
        message_id: `message-${seq}`,
        run_id: "run-1",
        replaces: null,
        queue_position: 0,
      };
      const { client_message_id, content } = command;
      socket.say(event(++seq, "message_accepted", { client_message_id, content, ...ids }));
      socket.say(started(++seq));
      socket.say(completed(++seq, `Answer to ${content}`));
    };
  };
  terminal.stdin.end("First\n\nSecond\n");
  expect(await terminal.run(server)).toBe(0);
  expect(server.socket.commands).toMatchObject([{ content: "First" }, { content: "Second" }]);
  expect(terminal.out).toContain("apex › Answer to First\n");
  expect(terminal.out).not.toContain("› \n");
});
