/** A team as the loop sees it: its parts, what each depends on, and which of them a case takes. */
import type { Finding } from "../../protocol/entities.ts";
import type { Json } from "../../protocol/json.ts";
import type { Tool } from "../tool.ts";
import type { Submission } from "./submission.ts";

/** One agent of the team. */
export interface TeamPart {
  readonly name: string;
  /** Its work as a clause: "reports what …". */
  readonly role: string;
  /** The system prompt. */
  readonly instructions: string;
  readonly tools: readonly Tool[];
  /** The parts whose findings it works from; of those that are not planned it works without. */
  readonly dependsOn: readonly string[];
  /** By which it hands on its findings; null for the part that writes the answer. */
  readonly submission: Submission | null;
}

/** Which parts a case takes, and why, in sentences that people read. */
export interface Route {
  readonly parts: readonly string[];
  readonly why: string;
}

export interface Team {
  /** By which the run's own agent gives the team its work. */
  readonly delegation: Submission;
  /** The part that begins, and whose findings decide the route. */
  readonly entry: TeamPart;
  /** The parts that may work between the entry and the speaker. */
  readonly parts: readonly TeamPart[];
  /** The part that comes last, once all others have ended, and writes the answer. */
  readonly speaker: TeamPart;
  /**
   * @param output the entry's; null where it failed.
   * @param findings what the entry's own tools computed.
   */
  route(output: Json, findings: readonly Finding[]): Route;
}
