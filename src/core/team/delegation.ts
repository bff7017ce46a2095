/** How work is handed over: to the team, within its declared graph, and by each part when it is done. */
import * as z from "zod";
import { type Submission, submissionOf } from "./submission.ts";
import type { TeamPart } from "./team.ts";
import { Delegation } from "./team-step.ts";

/** The function by which an agent delegates. */
export const DELEGATE = "delegate";

/**
 * @param team everybody in it, in the order of their work: the first and the last cannot be left out.
 * @returns the function as it is offered to the run's own agent.
 */
export function delegationTo(team: readonly Pick<TeamPart, "name" | "role">[]): Submission {
  const part = z.enum(team.slice(1, -1).map(({ name }) => name));
  const { leave_out, focus } = Delegation.shape;
  const schema = Delegation.extend({
    leave_out: z.array(part).max(8).default([]).meta({ description: leave_out.description }),
    focus: z
      .array(z.object({ part, on: z.string().trim().min(1).max(500) }))
      .max(8)
      .default([])
      .meta({ description: focus.description }),
  });
  const roles = team.map(({ name, role }) => `- ${name}: ${role}`).join("\n");
  const description = `Hands the request to the team, which answers in your place. Call it alone, for requests that look for savings, an analysis or a plan; facts and small questions you answer yourself.\n${roles}`;
  return submissionOf(DELEGATE, description, schema);
}

/** @returns the function by which a part hands on its findings. */
export function submissionBy(part: string, findings: z.ZodType): Submission {
  const description = `Hands on your findings, and so ends your work as the ${part} agent.`;
  return submissionOf(`submit_${part.replaceAll("-", "_")}`, description, findings);
}
