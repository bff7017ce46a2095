/** What a question of the evaluation is, and what would be a right answer to it, in figures. */
import type { Lever } from "../../src/protocol/optimization.ts";
import type { Measure, Share } from "./plain-sums.ts";
import type { Workspace } from "./workspaces.ts";

export const KINDS = ["answerable", "partly", "unanswerable", "trap", "injection"] as const;
export type Kind = (typeof KINDS)[number];

export type Expected =
  /** The answer states the figure, as a plain loop over the records has it. */
  | ({ readonly states: Measure } & Share)
  /** What a lever saves, or shorter prompts, or all together, lies between the bounds that the tool gives. */
  | { readonly truthOf: Lever | "context_bloat" | "joint" }
  /** The tool's result says so in this field, and gives no figure or a weaker one. */
  | {
      readonly caveat: string;
      readonly is: "given" | "missing" | "nothing" | "false" | "below 100";
    }
  /** Nothing is claimed: no amount of money, no share, no citation. */
  | "no figure"
  /** The same figures as in the workspace without the label. */
  | "as without the label";

export interface Question {
  readonly kind: Kind;
  readonly workspace: Workspace;
  /** What the user says, one message after another; the answer to the last one counts. */
  readonly turns: readonly [string, ...string[]];
  /** One of them has to succeed, where any are named. */
  readonly tools: readonly string[];
  readonly expected: Expected;
}
