/** Composes what a run is asked to do: the agent, its tools and plan, and the conversation so far. */

import { DEFAULT_AGENT, findAgent, plan } from "../agents/roster.ts";
import { CONNECTED_RULES } from "../agents/rules.ts";
import { teamOf } from "../agents/team.ts";
import { modelTurns, seededTurns, withInstructions } from "../core/caller.ts";
import { memoryBudget, remember } from "../core/memory.ts";
import type { RunOrder } from "../core/run-order.ts";
import type { CallerContext } from "../protocol/caller.ts";
import { type UserId, workspaceOf } from "../protocol/ids.ts";
import { permits } from "../protocol/scopes.ts";
import { connectedToolsOf } from "./connected-tools.ts";
import type { Conversation } from "./conversation.ts";
import type { Ports } from "./ports.ts";
import { callerOf, type RunRow } from "./run-row.ts";

const NOTHING: CallerContext = { instructions: null, before: [], after: [], tools: [] };

/**
 * A tool that the sender is not permitted is one that the agent does not have.
 * @returns the order for a run of the user, the same in each of its lives.
 */
export function orderOf(
  row: RunRow,
  parts: { readonly userId: UserId; readonly conversation: Conversation; readonly ports: Ports },
): RunOrder {
  const { ports, conversation, userId } = parts;
  const agent = findAgent(row.agent) ?? DEFAULT_AGENT;
  const { tool_scopes } = row;
  const permitted = ports.tools.filter(
    ({ permission }) => tool_scopes === null || permits(tool_scopes, permission),
  );
  const connected = agent.takesConnectedTools ? connectedToolsOf(row, ports.connected) : [];
  const own = permitted.filter(({ name }) => agent.tools.includes(name));
  const tools = [...own, ...connected];
  const budget = memoryBudget(ports.model.window?.(row.model) ?? null);
  const rules = connected.length > 0 ? [CONNECTED_RULES] : [];
  const today = new Date(row.accepted_at).toISOString().slice(0, 10);
  const instructions = [agent.instructions, ...rules, `Today is ${today}.`].join("\n\n");
  const caller = callerOf(row) ?? NOTHING;
  // What was said here is known here: a caller's own account of it is not asked for.
  const exchanges = conversation.exchanges(row.accepted_seq);
  return {
    runId: row.run_id,
    answerId: row.answer_id,
    userId,
    workspaceId: row.workspace_id ?? workspaceOf(userId, null),
    question: row.content,
    model: row.model,
    agent: { name: agent.name, tools },
    callerTools: caller.tools,
    mustCall: caller.must_call === true,
    plan: plan(
      agent,
      tools.map(({ name }) => name),
    ),
    conversation: [
      { role: "system", content: withInstructions(instructions, caller.instructions) },
      ...(exchanges.length > 0
        ? remember(exchanges, budget, conversation.sizeOf)
        : seededTurns(caller.before, budget)),
      { role: "user", content: row.content },
      ...modelTurns(caller.after),
    ],
    team: teamOf(agent, permitted, today),
  };
}
