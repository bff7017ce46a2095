/** A team of plain parts, and a model that plays each of them a script of its own. */
import * as z from "zod";
import type { Model, ModelRequest } from "../../../src/core/model.ts";
import { readBrief } from "../../../src/core/team/brief.ts";
import { delegationTo, submissionBy } from "../../../src/core/team/delegation.ts";
import type { Submission } from "../../../src/core/team/submission.ts";
import type { Route, Team, TeamPart } from "../../../src/core/team/team.ts";
import type { Tool } from "../../../src/core/tool.ts";
import { FactId } from "../../../src/protocol/ids.ts";
import { RunWorld } from "./run-world.ts";
import { call, finish, scriptedModel, type TurnScript, text, usage } from "./scripted-model.ts";
import { RESULT, toolOf } from "./scripted-tools.ts";

/** What each part but the last hands on. */
export const Output = z.object({ says: z.string().max(20), facts: z.array(FactId).default([]) });

/** The words of one agent, a script for each of its turns. */
export type Scripts = Readonly<Record<string, readonly TurnScript[]>>;

const submissions = new Map<string, Submission>();

/** Submissions are made once, as a product does: their schemas are compiled when first used. */
function made(key: string, make: () => Submission): Submission {
  const submission = submissions.get(key) ?? make();
  submissions.set(key, submission);
  return submission;
}

/** @returns a part that works from the findings of others. */
export function part(name: string, dependsOn: readonly string[] = []): TeamPart {
  const instructions = `You are the ${name} agent.`;
  return {
    name,
    role: `does ${name} work`,
    instructions,
    tools: [],
    dependsOn,
    submission: made(name, () => submissionBy(name, Output)),
  };
}

/** @returns a team of these parts; the scout goes first, the writer last. */
export function teamOf(
  parts: readonly TeamPart[],
  { tools = [], route }: { tools?: readonly Tool[]; route?: () => Route } = {},
): Team {
  const names = parts.map(({ name }) => name);
  const entry = part("scout");
  const speaker = { ...part("writer", names), submission: null };
  return {
    delegation: made(`delegation ${names}`, () => delegationTo([entry, ...parts, speaker])),
    entry,
    parts: parts.map((each) => ({ ...each, tools })),
    speaker,
    route: route ?? (() => ({ parts: names, why: "The records carry all of it, says the scout." })),
  };
}

/** @returns a model that plays each agent the turns of its script. */
export function scriptedAgents(scripts: Scripts) {
  const requests: { readonly agent: string; readonly request: ModelRequest }[] = [];
  const models = new Map(
    Object.entries(scripts).map(([agent, turns]) => [agent, scriptedModel(...turns).model]),
  );
  const stream: Model["stream"] = (request) => {
    const agent = readBrief(request.messages)?.part ?? "supervisor";
    requests.push({ agent, request });
    // What a part is told of a missing submission is no new question.
    const [rules, ...told] = request.messages;
    const messages =
      agent === "supervisor" || rules === undefined
        ? request.messages
        : [rules, ...told.filter(({ role }, index) => index === 0 || role !== "user")];
    const model = models.get(agent);
    if (model === undefined) throw new Error(`Nobody plays ${agent}.`);
    return model.stream({ ...request, messages });
  };
  const model: Model = { ...scriptedModel().model, stream };
  return { model, requests };
}

/** A turn that gives the work to the team. */
export function delegates(more: object = {}): TurnScript {
  const args = { reason: "it takes several", request: "Cut the costs by 30 %.", ...more };
  return [call("call_0", "delegate", JSON.stringify(args)), usage, finish("tool_calls")];
}

/** A turn that hands findings on. */
export function submits(agent: string, output: unknown = { says: agent }): TurnScript {
  const args = typeof output === "string" ? output : JSON.stringify(output);
  return [call("call_9", `submit_${agent}`, args), usage, finish("tool_calls")];
}

/** A turn that calls tools; endpoints number their calls anew in each turn. */
export function uses(...tools: readonly string[]): TurnScript {
  const calls = tools.map((name, index) => call(`call_${index}`, name));
  return [text("Let me see."), ...calls, usage, finish("tool_calls")];
}

export const writes: TurnScript = [text("Save "), text("half. 😀"), usage, finish()];

/** Two parts side by side, a third that depends on both, tools with and without effects. */
export function teamRun(changes: Scripts = {}, fields: { team?: Team } = {}) {
  const executed: string[] = [];
  const recording = (name: string, readOnly: boolean) =>
    toolOf({
      name,
      readOnly,
      execute: async () => {
        executed.push(name);
        return RESULT;
      },
    });
  const tools = [recording("usage_summary", true), recording("set_budget", false)];
  const team =
    fields.team ??
    teamOf([part("left"), part("right"), part("late", ["left", "right"])], { tools });
  const { model, requests } = scriptedAgents({
    supervisor: [delegates()],
    scout: [submits("scout")],
    left: [uses("usage_summary", "usage_summary"), submits("left")],
    right: [uses("usage_summary", "set_budget"), uses("usage_summary"), submits("right")],
    late: [submits("late", { says: "late", facts: ["usage_summary.cost"] })],
    writer: [writes],
    ...changes,
  });
  return { world: new RunWorld({ model, team, tools }), requests, executed };
}

export const AGENTS = ["supervisor", "scout", "left", "right", "late", "writer"];
export const ANSWER = "Save half. 😀";
