/** A thread to which anything may happen, and plain data about what was promised while it did. */
import { evictDurableObject } from "cloudflare:test";
import { expect, vi } from "vitest";
import { AcceptedMessage } from "../../../src/protocol/api.ts";
import { RunId } from "../../../src/protocol/ids.ts";
import { eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { Follower } from "./follower.ts";
import { holdModel } from "./held-model.ts";
import { ModelHand } from "./model-hand.ts";
import { type Command, PEOPLE } from "./promise-commands.ts";
import { Faults } from "./promise-faults.ts";
import type { Event, Posted, Sent } from "./promise-reference.ts";
import { Tools } from "./promise-tools.ts";
import { stateOf } from "./thread-state.ts";

/** Longer than any pause between two tries to write the history, in milliseconds. */
const A_LONG_PAUSE = 61_000;
/** Tries after which all that D1 refuses is set aside, and more. */
const TRIES = 30;
/** A story takes its clock ahead at most so far, in milliseconds: no token runs out, no run either. */
const FAR = 300_000;

export class PromiseWorld {
  readonly thread: Conversation;
  readonly people: readonly Follower[];
  readonly hand: ModelHand;
  readonly tools: Tools;
  readonly posted: Posted[] = [];
  readonly sent: Sent[] = [];
  /** Runs that a cancel was meant for. */
  readonly unwanted = new Set<string>();
  /** Runs of which a cancel was told that they were still queued. */
  readonly neverStarted = new Set<string>();
  /** Lives of the object that ended by a fault of its own. */
  deaths = 0;
  readonly #faults: Faults;
  readonly #pending: Promise<void>[] = [];

  private constructor(parts: {
    readonly thread: Conversation;
    readonly hand: ModelHand;
    readonly tools: Tools;
    readonly faults: Faults;
  }) {
    this.thread = parts.thread;
    this.hand = parts.hand;
    this.tools = parts.tools;
    this.#faults = parts.faults;
    this.people = Array.from({ length: PEOPLE }, () => new Follower(parts.thread));
  }

  static async begin(): Promise<PromiseWorld> {
    vi.restoreAllMocks();
    const faults = await Faults.begin();
    const tools = await Tools.begin();
    const hand = new ModelHand(await holdModel(), tools.names);
    return new PromiseWorld({ thread: await beginThread(), hand, tools, faults });
  }

  async carryOut(command: Command): Promise<void> {
    const { thread } = this;
    switch (command.do) {
      case "send":
        return await this.#send(command);
      case "model":
        return await this.hand.act(command.act, this.#questions);
      case "connect":
        return await this.#person(command.person).connect(command.over);
      case "disconnect":
        return this.#person(command.person).disconnect();
      case "resume":
        return this.#person(command.person).resume(command.anew);
      case "cancel":
        return await this.#cancel(command);
      case "die":
        this.deaths += 1;
        return await this.#die();
      case "update":
        await this.#faults.update();
        return await this.#die();
      case "stumble":
        this.deaths += 1;
        return await this.#faults.stumble(thread);
      case "sleep":
        // A request, a run or a write on its way keeps its object awake; only a death ends them.
        await Promise.all(this.#pending);
        if (this.#faults.history === "silent") return;
        if ((await stateOf(thread)).unfinished.length > 0) return;
        return await evictDurableObject(thread.object);
      case "alarm":
        return await this.#ring();
      case "history":
        return await this.#faults.setHistory(command.is);
      case "refusal":
        return await this.#faults.refusePoison(command.begins);
      case "rename": {
        const body = { title: `Title ${this.hand.word()}` };
        const { status } = await thread.ask("", { method: "PATCH", body });
        expect(this.deaths > 0 ? [200, 500, 503] : [200]).toContain(status);
        return;
      }
      case "pass":
        this.#faults.ahead = Math.min(this.#faults.ahead + command.ms, FAR);
    }
  }

  /**
   * Ends every fault, answers every question, and waits until there is nothing left to do; but what
   * D1 refuses it goes on to refuse.
   */
  async drain(): Promise<void> {
    await this.#faults.end();
    await Promise.all(this.#pending);
    await eventually(async () => {
      this.hand.finishAll(this.#questions);
      if ((await stateOf(this.thread)).unfinished.length > 0) await this.thread.alarm();
      expect((await stateOf(this.thread)).unfinished).toEqual([]);
    });
    await this.#flush();
  }

  /** Has D1 take what it refused before, and sends that again. */
  async replay(): Promise<void> {
    await this.#faults.refusePoison(false);
    const { total } = await this.thread.object.deadLetters();
    expect(await this.thread.object.replayDeadLetters()).toBe(total);
    await this.#flush();
    expect(await this.thread.object.deadLetters()).toEqual({ data: [], total: 0 });
  }

  /** Deletes the thread, whatever is under way, and lets what is left of it come to its end. */
  async delete(): Promise<void> {
    const { status } = await this.thread.ask("", { method: "DELETE" });
    expect(status).toBe(204);
    await this.#faults.end();
    await this.#faults.refusePoison(false);
    await Promise.all(this.#pending);
    await this.#quiet();
  }

  /** Lets the alarm ring, pause after pause, until none stands. */
  async #quiet(): Promise<void> {
    for (let tries = 0; tries < TRIES && (await this.thread.alarm()); tries += 1) {
      this.#faults.ahead += A_LONG_PAUSE;
    }
  }

  async #flush(): Promise<void> {
    await this.#quiet();
    const { outbox, alarm } = await stateOf(this.thread);
    expect({ outbox, alarm }).toEqual({ outbox: 0, alarm: null });
  }

  async #die(): Promise<void> {
    for (const person of this.people) person.drop();
    await this.thread.die();
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
    const { key, door, waits, queueing } = command;
    const person = this.#person(command.person);
    const content = `${this.thread.threadId} ${key ?? this.hand.word()} ${command.content}`;
    if (door === "socket" && person.client === null) return;
    const known = this.#acknowledged();
    const replaced = command.replaces === null ? undefined : pick(known, command.replaces);
    const sent = { key, content, queueing, replaces: replaced?.message_id ?? null };
    this.sent.push(sent);
    const body = {
      content,
      queueing,
      ...(key !== null && { client_message_id: key }),
      ...(sent.replaces !== null && { replaces: sent.replaces }),
    };
    if (door === "socket") {
      const from = person.frames.length;
      person.say(body);
      if (!waits) return;
      return await eventually(async () => {
        const answer = person.frames.slice(from).find((frame) => {
          if (frame.type === "message_accepted") return frame.data.content === content;
          return frame.type === "error" && frame.data.client_message_id === key;
        });
        expect(answer, "an answer to the message").toBeDefined();
      });
    }
    const posting = this.#post(sent, body);
    this.#pending.push(posting);
    if (waits) await posting;
  }

  async #post(sent: Sent, body: object): Promise<void> {
    const response = await this.thread.ask("/messages", { body });
    const { status } = response;
    const answer =
      status === 202
        ? { runId: AcceptedMessage.parse(await response.json()).run_id }
        : { refused: status };
    this.posted.push({ ...sent, answer });
  }

  async #cancel(command: Extract<Command, { do: "cancel" }>): Promise<void> {
    const runId = pick(this.#acknowledged(), command.which)?.run_id;
    if (runId === undefined) return;
    this.unwanted.add(runId);
    if (command.door === "socket") {
      this.#person(command.person).client?.send({ type: "cancel", run_id: runId });
      return;
    }
    const run = await this.thread.object.cancelRun(RunId.parse(runId));
    if (run?.status === "queued") this.neverStarted.add(runId);
  }

  /** @returns the messages somebody was told of, by their runs. */
  #acknowledged(): Event<"message_accepted">["data"][] {
    const told = this.people.flatMap(({ frames }) =>
      frames.flatMap((frame) => (frame.type === "message_accepted" ? [frame.data] : [])),
    );
    const byRun = new Map(told.map((accepted) => [accepted.run_id, accepted]));
    return [...byRun.values()].toSorted((a, b) => (a.run_id < b.run_id ? -1 : 1));
  }

  /** Lets the alarm ring. Where none stood, nothing may have been left to do but what came since. */
  async #ring(): Promise<void> {
    const known = this.#acknowledged().map(({ run_id }) => run_id);
    if (await this.thread.alarm()) return;
    const { unfinished, outbox } = await stateOf(this.thread);
    expect(unfinished.filter((run) => known.some((one) => one === run))).toEqual([]);
    if (unfinished.length === 0) expect(outbox).toBe(0);
  }
}

function pick<Value>(values: readonly Value[], which: number): Value | undefined {
  return values[which % Math.max(values.length, 1)];
}
