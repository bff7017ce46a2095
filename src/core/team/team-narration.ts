/** Tells the work of a team as events: who hands what to whom, what was planned, and what is missing. */
import type { Finding } from "../../protocol/entities.ts";
import type { NewEvent } from "../../protocol/events.ts";
import { counted } from "../../protocol/plural.ts";
import type { Step } from "../checkpoint.ts";
import type { Narration } from "../narration.ts";
import { enumerate, quote } from "../thinking.ts";
import type { Team, TeamPart } from "./team.ts";
import { delegationIn, endOf, findingsOfPart, planIn, routeOf } from "./team-graph.ts";
import type { PartStep } from "./team-step.ts";

/** Figures that one handoff carries; all of them stand in the tool calls' events. */
const MAX_FINDINGS = 50;

export class TeamNarration {
  readonly #team: Team;
  readonly #own: Narration;

  /** @param own tells what the run's own agent does. */
  constructor(team: Team, own: Narration) {
    this.#team = team;
    this.#own = own;
  }

  planned(steps: readonly Step[]): NewEvent {
    const { speaker } = this.#team;
    const plan = planIn(steps);
    const parts = [...(plan?.parts ?? []), speaker.name];
    const left = plan?.left_out ?? [];
    const without = left.length === 0 ? "" : ` ${enumerate(left)} is left out, as was asked.`;
    return this.#own.thought(
      `${routeOf(this.#team, steps).why} So the work goes to ${enumerate(parts)}.${without}`,
    );
  }

  /** The run's own agent gives a part its work. */
  handedTo(part: TeamPart, steps: readonly Step[]): NewEvent {
    const focus = delegationIn(steps)?.focus.find(({ part: name }) => name === part.name)?.on;
    const sources = part.dependsOn.filter((name) => endOf(steps, name) !== undefined);
    const reason = [
      `The ${part.name} agent ${part.role}`,
      ...(focus === undefined ? [] : [`here only for ${quote(focus)}`]),
      ...(sources.length === 0 ? [] : [`from the findings of ${enumerate(sources)}`]),
    ].join(", ");
    const findings = sources.flatMap((name) => findingsOfPart(steps, name));
    return this.#handoff(this.#own.agent, part.name, `${reason}.`, findings);
  }

  /** A part gives its findings back. */
  handedBack({ part, status, problem }: PartStep, steps: readonly Step[]): readonly NewEvent[] {
    const findings = findingsOfPart(steps, part);
    if (status === "completed") {
      const did =
        part === this.#team.speaker.name
          ? "has written the answer"
          : `hands on its findings; its tools computed ${counted(findings.length, "figure")}`;
      const reason = `The ${part} agent ${did}.`;
      return [this.#handoff(part, this.#own.agent, reason, findings)];
    }
    const reason = `The ${part} agent came to no result: ${problem?.detail ?? "it gave none"}`;
    return [
      this.#own.fallback({
        part: "agent",
        code: "part_failed",
        subject: part,
        ...(problem !== null && { problem }),
        reason,
        action: "What depends on it is skipped; the others go on and say what is missing.",
      }),
      this.#handoff(part, this.#own.agent, reason, findings),
    ];
  }

  skipped(part: string, missing: readonly PartStep[]): NewEvent {
    const because = missing.map((each) => `${each.part} was ${STATUS_WORDS[each.status]}`);
    return this.#own.thought(
      `The ${part} agent is skipped: ${enumerate(because)}, and its work depends on that. The others still answer.`,
    );
  }

  #handoff(from: string, to: string, reason: string, findings: readonly Finding[]): NewEvent {
    const data = { from, to, reason, findings: findings.slice(0, MAX_FINDINGS) };
    return { run_id: this.#own.runId, agent: from, type: "handoff", data };
  }
}

const STATUS_WORDS = {
  completed: "completed",
  failed: "not able to give a result",
  skipped: "skipped itself",
} as const satisfies Record<PartStep["status"], string>;
