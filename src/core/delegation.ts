/** How a run's own agent hands a request to its team: within the declared graph, to which it can add nothing. */
import * as z from "zod";
import { type Submission, submissionOf } from "./submission.ts";
import type { Team } from "./team.ts";
import { Delegation } from "./team-step.ts";

/** The function by which an agent delegates. */
export const DELEGATE = "delegate";

/** @returns the function as it is offered: parts may be left out or narrowed, but for the first and the last. */
export function delegationTo(team: Team): Submission {
  const part = z.enum(team.parts.map(({ name }) => name));
  const { leave_out, focus } = Delegation.shape;
  const schema = Delegation.extend({
    leave_out: z.array(part).max(8).default([]).meta({ description: leave_out.description }),
    focus: z
      .array(z.object({ part, on: z.string().trim().min(1).max(500) }))
      .max(8)
      .default([])
      .meta({ description: focus.description }),
  });
  const roles = [team.entry, ...team.parts, team.speaker].map(
    ({ name, role }) => `- ${name}: ${role}`,
  );
  const description = `Hands the request to the team, which answers in your place. Call it alone, for requests that look for savings, an analysis or a plan; facts and small questions you answer yourself.\n${roles.join("\n")}`;
  return submissionOf(DELEGATE, description, schema);
}
