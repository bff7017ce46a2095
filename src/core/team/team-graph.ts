/** Where a team stands, read from its run's checkpoints alone: what is planned, begun, ended, and ready. */
import type { Finding } from "../../protocol/entities.ts";
import { findingsOf, type Step, stepsOf } from "../checkpoint.ts";
import type { Route, Team, TeamPart } from "./team.ts";
import type { Delegation, PartStep, PlanStep } from "./team-step.ts";

/** @returns what the team was given to do, or undefined where the run has no need of it so far. */
export function delegationIn(steps: readonly Step[]): Delegation | undefined {
  return steps.find((step) => step.kind === "delegation")?.delegation;
}

export function planIn(steps: readonly Step[]): PlanStep | undefined {
  return steps.find((step) => step.kind === "plan");
}

/** @returns the parts that have ended, in the order in which they did. */
function endedParts(steps: readonly Step[]): readonly PartStep[] {
  return steps.filter((step) => step.kind === "part");
}

/** @returns how a part ended, or undefined where it has not. */
export function endOf(steps: readonly Step[], part: string): PartStep | undefined {
  return endedParts(steps).find((step) => step.part === part);
}

export function hasBegun(steps: readonly Step[], part: string): boolean {
  return steps.some((step) => step.kind === "begun" && step.part === part);
}

/** @returns the figures that the tools of a part computed. */
export function findingsOfPart(steps: readonly Step[], part: string): readonly Finding[] {
  return findingsOf(stepsOf(steps, part));
}

/** @returns which way the case takes, from what the entry found. */
export function routeOf(team: Team, steps: readonly Step[]): Route {
  const { name } = team.entry;
  return team.route(endOf(steps, name)?.output ?? null, findingsOfPart(steps, name));
}

/**
 * @returns the route, less what the delegation leaves out and what depends on that. The team's order
 *   of parts has each after those it depends on.
 */
export function planOf(team: Team, steps: readonly Step[]): PlanStep {
  const wanted = routeOf(team, steps).parts;
  const unwanted = new Set(delegationIn(steps)?.leave_out);
  const onRoute = team.parts.filter(({ name }) => wanted.includes(name));
  for (const { name, dependsOn } of onRoute) {
    if (dependsOn.some((other) => unwanted.has(other))) unwanted.add(name);
  }
  const names = onRoute.map(({ name }) => name);
  return {
    kind: "plan",
    parts: names.filter((name) => !unwanted.has(name)),
    left_out: names.filter((name) => unwanted.has(name)),
  };
}

/** A part whose turn it is, or that cannot have one, because others it depends on gave nothing. */
export interface ReadyPart {
  readonly part: TeamPart;
  readonly missing: readonly PartStep[];
}

/** @returns the planned parts that have not ended and wait for no other. */
export function readyParts(team: Team, steps: readonly Step[]): readonly ReadyPart[] {
  const planned = planIn(steps)?.parts ?? [];
  return team.parts.flatMap((part) => {
    if (!planned.includes(part.name) || endOf(steps, part.name) !== undefined) return [];
    const before = part.dependsOn.filter((name) => planned.includes(name));
    const ended = before.flatMap((name) => endOf(steps, name) ?? []);
    if (ended.length < before.length) return [];
    return { part, missing: ended.filter(({ status }) => status !== "completed") };
  });
}
