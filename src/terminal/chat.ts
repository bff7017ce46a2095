/** A conversation on a terminal: what each line of the user does, and what the thread's life shows. */
import { randomUUID } from "node:crypto";
import type { ApexClient, ConnectionStatus, ThreadConnection } from "../client/index.ts";
import type { ApprovalDecision } from "../protocol/approvals.ts";
import type { Thread } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ServerFrame } from "../protocol/events.ts";
import { ThreadId } from "../protocol/ids.ts";
import { EMPTY_THREAD, type ThreadView } from "../protocol/thread-view.ts";
import { AnswerWriter } from "./answer-writer.ts";
import { figureLines } from "./figures.ts";
import { HELP } from "./help.ts";
import { oneLine } from "./plain-text.ts";
import {
  ANSWER_PREFIX,
  renderCall,
  renderFrame,
  renderMessage,
  renderThreads,
  toolCalls,
} from "./render.ts";
import { reportLines } from "./report.ts";
import { isBusy } from "./run-outcome.ts";
import type { Screen } from "./screen.ts";
import { Undecided } from "./undecided.ts";

export class Chat {
  readonly #client: ApexClient;
  readonly #screen: Screen;
  #threadId: ThreadId | null;
  #connection: ThreadConnection | null = null;
  #writer = new AnswerWriter(ANSWER_PREFIX);
  /** The event up to which the log is history, shown at once when it is there; null: all is live. */
  #historyUntil: number | null = null;
  /** The client message ids of what was typed here and not yet acknowledged. */
  readonly #typed = new Set<string>();
  readonly #undecided = new Undecided();
  #listed: readonly Thread[] = [];
  #idle: (() => void) | null = null;

  /** @param threadId the thread to open at once; null begins one with the first message. */
  constructor(client: ApexClient, screen: Screen, threadId: ThreadId | null) {
    this.#client = client;
    this.#screen = screen;
    this.#threadId = threadId;
    if (threadId !== null) this.#connect();
  }

  /** Whether something said here waits or runs. */
  get busy(): boolean {
    return this.#typed.size > 0 || isBusy(this.#view);
  }

  /** Does what a line asks. @returns false where it asks to leave. */
  async enter(line: string): Promise<boolean> {
    const text = line.trim();
    const [, name = "", argument = ""] = /^\/(\S*)\s*(.*)$/s.exec(text) ?? [];
    if (name === "quit") return false;
    try {
      if (text.startsWith("/")) await this.#command(name, argument);
      else if (text !== "") this.#say(line);
    } catch (error) {
      this.#screen.complain(ApexError.from(error));
    }
    this.#settle();
    return true;
  }

  /** Cancels the run that is under way. @returns whether there was one. */
  stop(): boolean {
    const live = isBusy(this.#view);
    if (live) this.#connection?.cancel();
    return live;
  }

  /** Waits until nothing waits or runs, or the signal aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    signal.addEventListener("abort", () => resolve(), { once: true });
    this.#settle();
    await promise;
  }

  /** Hangs up; what runs goes on. */
  close(): void {
    this.#connection?.close();
    this.#connection = null;
    this.#typed.clear();
  }

  get #view(): ThreadView {
    return this.#connection?.view ?? EMPTY_THREAD;
  }

  async #command(name: string, argument: string): Promise<void> {
    switch (name) {
      case "stop":
        return this.stop() ? undefined : this.#screen.note("Nothing is running.");
      case "approve":
        return this.#decide("approved");
      case "reject":
        return this.#decide("rejected");
      case "expand":
        return this.#expand(argument);
      case "figures":
        return this.#screen.lines(figureLines(this.#view));
      case "report":
        return this.#screen.lines(await reportLines(this.#client, this.#view));
      case "threads":
        await this.#listThreads();
        return;
      case "open":
        await this.#openThread(argument);
        return;
      case "new":
        this.#switchTo(null);
        this.#screen.note("Another thread begins with your next message.");
        return;
      case "rename":
        await this.#rename(argument);
        return;
      case "help":
        this.#screen.line(HELP);
        return;
      default:
        this.#screen.note(`There is no /${oneLine(name)}. /help lists the commands.`);
    }
  }

  #say(content: string): void {
    const connection = this.#connection ?? this.#connect();
    const clientMessageId = randomUUID();
    this.#typed.add(clientMessageId);
    connection
      .send(content, { clientMessageId })
      .catch((error) => {
        // If the connection has ended, the user was told already.
        if (this.#connection === connection) this.#screen.complain(ApexError.from(error));
      })
      .finally(() => {
        this.#typed.delete(clientMessageId);
        this.#settle();
      });
  }

  #decide(decision: ApprovalDecision): void {
    const callId = this.#undecided.take(this.#view);
    if (callId === null) this.#screen.note("No tool call waits for you.");
    else this.#connection?.approve(callId, decision);
  }

  #expand(argument: string): void {
    const calls = toolCalls(this.#view);
    const call = argument === "" ? calls.at(-1) : calls[Number(argument) - 1];
    if (call) this.#screen.lines(renderCall(call, this.#screen.paint));
    else
      this.#screen.note(
        argument === "" ? "No tool was called yet." : `No call ${oneLine(argument)}.`,
      );
  }

  async #listThreads(): Promise<void> {
    const { data, next_cursor } = await this.#client.threads.list();
    this.#listed = data;
    this.#screen.lines(renderThreads(data, this.#screen.paint));
    if (data.length === 0) this.#screen.note("You have no threads yet.");
    if (next_cursor !== null) this.#screen.note("These are the newest; there are more.");
  }

  async #openThread(argument: string): Promise<void> {
    const id = this.#listed[Number(argument) - 1]?.id ?? ThreadId.safeParse(argument).data;
    if (id === undefined)
      return this.#screen.note("Which? /open takes a number of /threads, or an id.");
    const thread = await this.#client.threads.get(id);
    this.#switchTo(thread.id);
    this.#screen.note(`Thread ${oneLine(thread.title ?? thread.id)}`);
    this.#connect();
  }

  async #rename(title: string): Promise<void> {
    const id = this.#view.threadId ?? this.#threadId;
    if (id === null) return this.#screen.note("There is no thread yet: say something first.");
    if (title === "") return this.#screen.note("/rename needs a title.");
    const thread = await this.#client.threads.update(id, { title });
    this.#screen.note(`Renamed to ${oneLine(thread.title ?? "")}`);
  }

  #switchTo(threadId: ThreadId | null): void {
    this.close();
    this.#threadId = threadId;
    this.#writer = new AnswerWriter(ANSWER_PREFIX);
  }

  #connect(): ThreadConnection {
    this.#historyUntil = Number.POSITIVE_INFINITY;
    const connection = this.#client.connect(this.#threadId, {
      onFrame: (frame) => this.#showFrame(frame),
      onChange: (view) => this.#showChange(view),
      onStatus: (status, error) => this.#showStatus(status, error),
    });
    this.#connection = connection;
    return connection;
  }

  #showFrame(frame: ServerFrame): void {
    const view = this.#view;
    if (frame.type === "connection_ready") {
      this.#threadId = view.threadId;
      if (this.#historyUntil !== null || view.stale) this.#historyUntil = frame.data.last_seq;
    }
    if (this.#historyUntil !== null) return;
    if (frame.type === "message_accepted" && !this.#typed.has(frame.data.client_message_id ?? "")) {
      const said = view.messages.filter(({ id }) => id === frame.data.message_id);
      this.#screen.lines(said.map((message) => renderMessage(message, this.#screen.paint)));
    }
    this.#screen.piece(this.#writer.follow(view.messages));
    this.#screen.lines(renderFrame(frame, view, this.#screen.paint));
  }

  #showChange(view: ThreadView): void {
    if (this.#historyUntil !== null && !view.stale && view.lastSeq >= this.#historyUntil) {
      this.#historyUntil = null;
      this.#writer = new AnswerWriter(ANSWER_PREFIX);
      const said = view.messages.filter(({ status }) => status !== "streaming");
      this.#screen.lines(said.map((message) => renderMessage(message, this.#screen.paint)));
    }
    if (this.#historyUntil === null) this.#screen.piece(this.#writer.follow(view.messages));
    this.#settle();
  }

  #showStatus(status: ConnectionStatus, error: ApexError | null): void {
    if (status === "reconnecting") this.#screen.note("Not connected: trying again…");
    if (status === "open" && this.#historyUntil === null) this.#screen.note("Connected again.");
    if (error !== null) {
      this.close();
      this.#screen.complain(error);
    }
    this.#settle();
  }

  /** Gives the turn to the user, where nothing waits or runs. */
  #settle(): void {
    if (this.busy && !this.#undecided.isAny(this.#view)) return;
    this.#screen.ask();
    this.#idle?.();
  }
}
