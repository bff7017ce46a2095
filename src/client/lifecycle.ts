/** Runs the connection machine: keeps its state and its clock, and has its effects carried out. */
import { ApexError } from "../protocol/errors.ts";
import {
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionState,
  type ConnectionStatus,
  DIALING,
  phaseTime,
  statusOf,
  step,
} from "./connection-machine.ts";

/** What a lifecycle needs of the connection that it is the life of. */
interface Shell {
  perform(effect: ConnectionEffect): void;
  /** @param error why the connection ended for good; null while it is running or after a hang-up. */
  onStatus(status: ConnectionStatus, error: ApexError | null): void;
  random(): number;
}

export class Lifecycle {
  readonly #shell: Shell;
  #state: ConnectionState = DIALING;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The shell dials for the first time on its own. */
  constructor(shell: Shell) {
    this.#shell = shell;
    this.#armTimer();
  }

  get phase(): ConnectionState["phase"] {
    return this.#state.phase;
  }

  get status(): ConnectionStatus {
    return statusOf(this.#state);
  }

  get error(): ApexError | null {
    return this.#state.phase === "closed" ? this.#state.error : null;
  }

  /** Ends a wait for the next attempt: there is reason to think that it would succeed now. */
  hurry(): void {
    if (this.#state.phase === "waiting") this.advance({ type: "timeout" });
  }

  advance(input: ConnectionInput): void {
    const before = this.#state;
    const { state, effects } = step(before, input);
    this.#state = state;
    if (state !== before) this.#armTimer();
    for (const effect of effects) this.#shell.perform(effect);
    if (statusOf(state) !== statusOf(before)) this.#shell.onStatus(statusOf(state), this.error);
  }

  /**
   * Waits for something that the phase depends on. Its result goes to `then`, its failure to the machine.
   * Both are dropped if the state has changed in the meantime.
   */
  async attempt<Result>(
    work: () => Promise<Result>,
    then: (result: Result) => void = () => this.advance({ type: "checked", error: null }),
  ): Promise<void> {
    const waiting = this.#state;
    const settle = await work().then(
      (result) => () => then(result),
      (error) => () => this.advance({ type: "checked", error: ApexError.from(error) }),
    );
    if (this.#state === waiting) settle();
  }

  #armTimer(): void {
    clearTimeout(this.#timer);
    const time = phaseTime(this.#state, this.#shell.random);
    if (time !== null) this.#timer = setTimeout(() => this.advance({ type: "timeout" }), time);
  }
}
