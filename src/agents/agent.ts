/** What an agent is: a role, the orders it works by, and the tools it may use. Data, no behaviour. */

export interface Agent {
  /** How a run names it; kebab-case. */
  readonly name: string;
  /** Its work as a clause: "answers questions about …". Shown to people. */
  readonly role: string;
  /** The system prompt. */
  readonly instructions: string;
  /** The names of the tools it may call. */
  readonly tools: readonly string[];
  /** The names of the agents it may hand work to. */
  readonly handsOffTo: readonly string[];
}
