/** Plays the model at random, and remembers what it wrote: every word of it is another one. */
import { systemClock } from "../../../src/core/clock.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import type { HeldModel, HeldTurn } from "./held-model.ts";

/** How long an act waits for the model to be asked, where it may never be, in milliseconds. */
const A_GLANCE = 12;

/** What the model did in one turn. */
export interface Written {
  readonly text: string;
  readonly end: "finished" | "failed" | null;
}

const NOTHING: Written = { text: "", end: null };

/** The tools that the model calls, by name: one that only reads, and one that has effects. */
export interface Toolbox {
  readonly reads: string;
  readonly acts: string;
}

export class ModelHand {
  readonly #model: HeldModel;
  readonly #tools: Toolbox;
  readonly #written = new Map<HeldTurn, Written>();
  /** What a turn wrote before its stream broke: shown perhaps, and void. */
  readonly #void = new Map<HeldTurn, readonly string[]>();
  #words = 0;

  constructor(model: HeldModel, tools: Toolbox) {
    this.#model = model;
    this.#tools = tools;
  }

  /** @returns a word that was never said. */
  word(): string {
    this.#words += 1;
    return `word-${this.#words}`;
  }

  /** @returns what was written in each turn of a question, in the order in which it was asked. */
  turns(question: string): Written[] {
    return this.#model.turns(question).map((turn) => this.#writtenIn(turn));
  }

  /** @returns all that was ever written for a question, what became void too, in order. */
  drafts(question: string): { readonly text: string }[] {
    return this.#model
      .turns(question)
      .flatMap((turn) => [
        ...(this.#void.get(turn) ?? []).map((text) => ({ text })),
        this.#writtenIn(turn),
      ]);
  }

  /** Does something in the turn under way, where there is one. */
  async act(
    act: "text" | "read" | "act" | "finish" | "fail" | "break",
    questions: readonly string[],
  ): Promise<void> {
    const turn = await this.#openTurn(questions);
    if (turn === undefined) return;
    const { text } = this.#writtenIn(turn);
    const word = this.word();
    switch (act) {
      case "text":
        turn.write(`${word} `);
        this.#written.set(turn, { text: `${text}${word} `, end: null });
        break;
      case "read":
      case "act":
        turn.call(act === "read" ? this.#tools.reads : this.#tools.acts, { word });
        turn.end();
        this.#written.set(turn, { text, end: "finished" });
        break;
      case "break":
        turn.restart();
        this.#void.set(turn, [...(this.#void.get(turn) ?? []), text]);
        this.#written.delete(turn);
        break;
      case "fail":
        turn.fail(new ApexError("model_unavailable", "The model is away."));
        this.#written.set(turn, { text, end: "failed" });
        break;
      case "finish":
        this.#finish(turn);
    }
  }

  /** Ends every turn that is under way, with an answer. */
  finishAll(questions: readonly string[]): void {
    for (const question of questions) {
      for (const turn of this.#open(question)) this.#finish(turn);
    }
  }

  #finish(turn: HeldTurn): void {
    const word = this.word();
    turn.end(word);
    const { text } = this.#writtenIn(turn);
    this.#written.set(turn, { text: text + word, end: "finished" });
  }

  #writtenIn(turn: HeldTurn): Written {
    return this.#written.get(turn) ?? NOTHING;
  }

  async #openTurn(questions: readonly string[]): Promise<HeldTurn | undefined> {
    for (let waited = 0; waited <= A_GLANCE; waited += 4) {
      const turn = questions.flatMap((question) => this.#open(question)).at(0);
      if (turn !== undefined) return turn;
      await systemClock.sleep(4);
    }
    return undefined;
  }

  /** @returns the last turn of a question, where it has not come to an end. */
  #open(question: string): HeldTurn[] {
    return this.#model
      .turns(question)
      .slice(-1)
      .filter((turn) => !turn.ended && this.#writtenIn(turn).end === null);
  }
}
