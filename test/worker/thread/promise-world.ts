/** A thread to which anything may happen, and plain data about what was promised while it did. */
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { AcceptedMessage } from "../../../src/protocol/api.ts";
import type { LoggedEvent } from "../../../src/protocol/events.ts";
import { RunId } from "../../../src/protocol/ids.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { Follower } from "./follower.ts";
import { holdModel, objectEnv } from "./held-model.ts";
import { ModelHand } from "./model-hand.ts";
import { type Command, PEOPLE } from "./promise-commands.ts";
import { stateOf } from "./thread-state.ts";

/** Longer than any pause between two tries to write the history, in milliseconds. */
const A_LONG_PAUSE = 120_000;
/** The clock jumps ahead at most so far, in milliseconds: no token runs out. */
const FAR = 600_000;

/** An answer over HTTP: what was asked, and the run it promised, or that it was refused. */
export interface Posted {
  readonly key: string | null;
  readonly content: string;
  readonly answer: { readonly runId: string } | { readonly refused: number };
}

export class PromiseWorld {
  readonly thread: Conversation;
  readonly people: readonly Follower[];
  readonly hand: ModelHand;
  readonly posted: Posted[] = [];
  /** Every message that was sent, whether it arrived or not. */
  readonly sent: { readonly key: string | null; readonly content: string }[] = [];
  /** Runs that a cancel was meant for. */
  readonly unwanted = new Set<string>();
  /** Runs of which a cancel was told that they were still queued. */
  readonly neverStarted = new Set<string>();
  deaths = 0;
  readonly #pending: Promise<void>[] = [];
  readonly #now: { ahead: number };

  private constructor(parts: {
    readonly thread: Conversation;
    readonly hand: ModelHand;
    readonly now: { ahead: number };
  }) {
    this.thread = parts.thread;
    this.hand = parts.hand;
    this.#now = parts.now;
    this.people = Array.from({ length: PEOPLE }, () => new Follower(parts.thread));
  }

  static async begin(): Promise<PromiseWorld> {
    vi.restoreAllMocks();
    const now = { ahead: 0 };
    vi.spyOn(systemClock, "now").mockImplementation(() => Date.now() + now.ahead);
    const model = await holdModel();
    const tool = portsOf(await objectEnv()).tools.find(({ readOnly }) => readOnly)?.name;
    if (tool === undefined) throw new Error("there is no tool to call");
    return new PromiseWorld({ thread: await beginThread(), hand: new ModelHand(model, tool), now });
  }

  async carryOut(command: Command): Promise<void> {
    const { thread } = this;
    switch (command.do) {
      case "send":
        return await this.#send(command);
      case "model":
        return await this.hand.act(command.act, this.#questions);
      case "connect":
        return await this.#person(command.person).connect();
      case "disconnect":
        return this.#person(command.person).disconnect();
      case "resume":
        return this.#person(command.person).resume(command.anew);
      case "cancel":
        return await this.#cancel(command);
      case "die":
        this.deaths += 1;
        for (const person of this.people) person.drop();
        return await thread.die();
      case "sleep":
        // A request or a run keeps its object awake; only a death ends both.
        await Promise.all(this.#pending);
        if ((await stateOf(thread)).unfinished.length > 0) return;
        return await evictDurableObject(thread.object);
      case "alarm":
        return await this.#ring();
      case "outage":
        return await (command.begins ? breakHistory() : restoreHistory());
      case "rename": {
        const body = { title: `Title ${this.hand.word()}` };
        expect((await thread.ask("", { method: "PATCH", body })).status).toBe(200);
        return;
      }
      case "pass":
        this.#now.ahead = Math.min(this.#now.ahead + command.ms, FAR);
    }
  }

  /** Ends every fault, answers every question, and waits until there is nothing left to do. */
  async drain(): Promise<void> {
    await restoreHistory();
    this.#now.ahead += A_LONG_PAUSE;
    await Promise.all(this.#pending);
    await eventually(async () => {
      this.hand.finishAll(this.#questions);
      expect((await stateOf(this.thread)).unfinished).toEqual([]);
    });
    await eventually(async () => {
      if ((await stateOf(this.thread)).outbox > 0) await this.thread.alarm();
      expect((await stateOf(this.thread)).outbox).toBe(0);
    });
  }

  get #questions(): string[] {
    return this.sent.map(({ content }) => content);
  }

  #person(number: number): Follower {
    const person = this.people[number];
    if (person === undefined) throw new Error(`there is no person ${number}`);
    return person;
  }

  async #send(command: Extract<Command, { do: "send" }>): Promise<void> {
    const { key, door, waits } = command;
    const person = this.#person(command.person);
    const content = `${this.thread.threadId} ${key ?? this.hand.word()} ${command.content}`;
    if (door === "socket" && person.client === null) return;
    this.sent.push({ key, content });
    if (door === "socket") {
      const from = person.frames.length;
      person.say(content, key);
      if (!waits) return;
      return await eventually(async () => {
        const answer = person.frames.slice(from).find((frame) => {
          if (frame.type === "message_accepted") return frame.data.content === content;
          return frame.type === "error" && frame.data.client_message_id === key;
        });
        expect(answer, "an answer to the message").toBeDefined();
      });
    }
    const posting = this.#post(content, key);
    this.#pending.push(posting);
    if (waits) await posting;
  }

  async #post(content: string, key: string | null): Promise<void> {
    const body = { content, ...(key !== null && { client_message_id: key }) };
    const response = await this.thread.ask("/messages", { body });
    const { status } = response;
    const answer =
      status === 202
        ? { runId: AcceptedMessage.parse(await response.json()).run_id }
        : { refused: status };
    this.posted.push({ key, content, answer });
  }

  async #cancel(command: Extract<Command, { do: "cancel" }>): Promise<void> {
    const known = this.#acknowledged();
    const runId = known[command.which % Math.max(known.length, 1)];
    if (runId === undefined) return;
    this.unwanted.add(runId);
    if (command.door === "socket") {
      this.#person(command.person).client?.send({ type: "cancel", run_id: runId });
      return;
    }
    const run = await this.thread.object.cancelRun(RunId.parse(runId));
    if (run?.status === "queued") this.neverStarted.add(runId);
  }

  /** @returns the runs somebody was told of. */
  #acknowledged(): string[] {
    const heard = this.people
      .flatMap(({ frames }) => frames)
      .filter((frame): frame is Extract<LoggedEvent, { type: "message_accepted" }> => {
        return frame.type === "message_accepted";
      });
    const told = this.posted.flatMap(({ answer }) => ("runId" in answer ? [answer.runId] : []));
    return [...new Set([...heard.map(({ data }) => data.run_id), ...told])].toSorted();
  }

  /** Lets the alarm ring. Where none stood, nothing may have been left to do but what came since. */
  async #ring(): Promise<void> {
    const known = this.#acknowledged();
    if (await this.thread.alarm()) return;
    const { unfinished, outbox } = await stateOf(this.thread);
    expect(unfinished.filter((run) => known.includes(run))).toEqual([]);
    if (unfinished.length === 0) expect(outbox).toBe(0);
  }
}

/** Has every write to the history fail, as one transaction; what is saved can still be read. */
async function breakHistory(): Promise<void> {
  await env.DB.exec(
    "CREATE TRIGGER IF NOT EXISTS outage BEFORE INSERT ON messages BEGIN SELECT missing FROM messages; END",
  );
}

async function restoreHistory(): Promise<void> {
  await env.DB.exec("DROP TRIGGER IF EXISTS outage");
}
