/** A check of a deployment from outside. */
import type { Guest, Live } from "./live.ts";

/** Who the checks of accounts and runs speak for; made by the first of them. */
export interface Cast {
  readonly ada: Guest;
  readonly bob: Guest;
}

export interface Check {
  /** What must be so, as a sentence. */
  readonly name: string;
  /** @throws an error that says what is wrong. */
  run(live: Live): Promise<void>;
}

/** A check that speaks for somebody. */
export interface CastCheck {
  readonly name: string;
  run(live: Live, cast: Cast): Promise<void>;
}
