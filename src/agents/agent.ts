/** What an agent is: a role, the orders it works by, its tools, and its place in the team. Data, no behaviour. */
import type * as z from "zod";

export interface Agent {
  /** How a run names it; kebab-case. */
  readonly name: string;
  /** Its work as a clause: "answers questions about …". Shown to people. */
  readonly role: string;
  /** The system prompt. */
  readonly instructions: string;
  /** The names of the tools it may call. */
  readonly tools: readonly string[];
  /** Whether it may also call the tools of servers that the user has connected. */
  readonly takesConnectedTools: boolean;
  /** The names of the agents it may hand work to. */
  readonly handsOffTo: readonly string[];
  /** The names of the agents whose findings it works from, where it works in the team. */
  readonly dependsOn: readonly string[];
  /** What it hands on there; null for who answers in words. */
  readonly output: z.ZodType | null;
}
