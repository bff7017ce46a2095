/** The sub-agents that a run has at work: each handing over of work is an invocation of its own. */
import type { LoggedEvent } from "../../protocol/events.ts";
import type { Problem } from "../../protocol/problem.ts";
import type { AgUiEvent, OfSubagent } from "./events.ts";

type Handoff = Extract<LoggedEvent, { type: "handoff" }>;
type Started = Extract<AgUiEvent, { type: "SUBAGENT_STARTED" }>;

export class SubagentRuns {
  /** By the agents' names. */
  readonly #active = new Map<string, Started>();
  /** The agent that the run itself is of: work that goes to it is handed back. */
  root: string | null = null;

  /** @returns the mark of what an agent does: none for what is the run's own. */
  of(agent: string | null): OfSubagent {
    const active = agent === null ? undefined : this.#active.get(agent);
    return active ? { subagentRunId: active.subagentRunId } : {};
  }

  handOff({ seq, context, data: { from, to, reason } }: Handoff): AgUiEvent[] {
    const events = this.#finish(from);
    if (to === this.root) return events;
    const started: Started = {
      type: "SUBAGENT_STARTED",
      subagentRunId: `${context.run_id}.agent.${seq}`,
      name: to,
      description: reason,
    };
    events.push(...this.#finish(to), started);
    this.#active.set(to, started);
    return events;
  }

  /** @returns the events that opened those still at work. */
  reopened(): AgUiEvent[] {
    return [...this.#active.values()];
  }

  /** @param problem why the run ends, where it fails. */
  close(problem?: Pick<Problem, "code" | "detail">): AgUiEvent[] {
    const active = [...this.#active.values()];
    this.#active.clear();
    return active.map(({ subagentRunId }) =>
      problem === undefined
        ? { type: "SUBAGENT_FINISHED", subagentRunId }
        : { type: "SUBAGENT_ERROR", subagentRunId, message: problem.detail, code: problem.code },
    );
  }

  #finish(agent: string): AgUiEvent[] {
    const active = this.#active.get(agent);
    if (active === undefined) return [];
    this.#active.delete(agent);
    return [{ type: "SUBAGENT_FINISHED", subagentRunId: active.subagentRunId }];
  }
}
