/** Holds one run against what was expected of it: by its events and its figures, never by its words. */
import * as z from "zod";
import type { LoggedEvent } from "../../src/client/index.ts";
import { Estimate, Lever, Portfolio } from "../../src/protocol/optimization.ts";
import { DECOYS } from "../../src/usage/sample/decoys.ts";

export type End = Extract<LoggedEvent, { type: "agent_completed" }>["data"];
type Completed = Extract<LoggedEvent, { type: "tool_completed" }>["data"];

const LEAST_THOUGHTS = 2;

/** @returns what of a run's events is missing, or there too often. */
export function faultsOf(events: readonly LoggedEvent[]): string[] {
  const told = events.filter(
    ({ type }) => type !== "message_accepted" && type !== "thread_updated",
  );
  const count = (type: LoggedEvent["type"]) => told.filter((event) => event.type === type).length;
  const began = events.flatMap((event) =>
    event.type === "tool_executing" ? event.data.call_id : [],
  );
  const ended = events.flatMap((event) =>
    event.type === "tool_completed" ? event.data.call_id : [],
  );
  return [
    ...(told.at(0)?.type === "agent_started" ? [] : ["agent_started is not the first"]),
    ...(told.at(-1)?.type === "agent_completed" ? [] : ["agent_completed is not the last"]),
    ...(count("agent_started") === 1 ? [] : [`${count("agent_started")} agent_started`]),
    ...(count("agent_completed") === 1 ? [] : [`${count("agent_completed")} agent_completed`]),
    ...(count("agent_thinking") >= LEAST_THOUGHTS ? [] : [`${count("agent_thinking")} thoughts`]),
    ...(began.toSorted().join() === ended.toSorted().join() ? [] : ["unpaired tool events"]),
  ];
}

export function endOf(events: readonly LoggedEvent[]): End | null {
  return events.flatMap((event) => (event.type === "agent_completed" ? event.data : []))[0] ?? null;
}

/** @returns the calls that gave results, of these tools or of any. */
export function succeeded(
  events: readonly LoggedEvent[],
  tools: readonly string[] = [],
): readonly Completed[] {
  return events
    .flatMap((event) => (event.type === "tool_completed" ? event.data : []))
    .filter(({ status }) => status === "succeeded")
    .filter(({ tool_name }) => tools.length === 0 || tools.includes(tool_name));
}

/** @returns the value at a path of fields; undefined where there is none. */
export function fieldOf(results: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, name) =>
        typeof value === "object" && value !== null
          ? new Map<string, unknown>(Object.entries(value)).get(name)
          : undefined,
      results,
    );
}

const WithPortfolio = z.object({ portfolio: Portfolio });
const WithLever = z.object({
  lever: Lever,
  monthly_saving_usd: Estimate,
  left_out: z.string().nullable(),
  features: z.array(z.object({ feature: z.string().nullable() })),
});

/** @returns the portfolios that a run's tools gave. */
export function portfoliosOf(events: readonly LoggedEvent[]): Portfolio[] {
  return succeeded(events).flatMap(({ results }) => {
    const parsed = WithPortfolio.safeParse(results);
    return parsed.success ? parsed.data.portfolio : [];
  });
}

/** @returns what a run says that one lever saves, alone, a month. */
export function leverAlone(events: readonly LoggedEvent[]): Estimate | null {
  for (const { results } of succeeded(events)) {
    const parsed = WithLever.safeParse(results);
    if (parsed.success && parsed.data.left_out === null) return parsed.data.monthly_saving_usd;
  }
  return null;
}

/** What a run's end offers as savings: its recommendations, and the figures that its report projects. */
function offersOf(end: End | null): string[] {
  const { outcome = null, report = null } = end?.results ?? {};
  return [
    ...(outcome?.recommendations ?? []).map(({ title, facts }) => `${title} ${facts.join(" ")}`),
    ...(report?.projected ?? []).map(({ name }) => name),
  ];
}

/** @returns the decoys that a run would have something done about. */
export function decoysIn(events: readonly LoggedEvent[]): string[] {
  const claims = portfoliosOf(events)
    .flatMap(({ levers }) => levers)
    .filter(({ left_out, monthly_usd }) => left_out === null && monthly_usd.value > 0)
    .map(({ lever, subject }) => ({ lever, about: subject }));
  const alone = succeeded(events).flatMap(({ results }) => {
    const { data } = WithLever.safeParse(results);
    if (!data || data.left_out !== null || data.monthly_saving_usd.value <= 0) return [];
    return { lever: data.lever, about: data.features[0]?.feature ?? null };
  });
  const offered = offersOf(endOf(events)).flatMap((text) =>
    DECOYS.filter(
      ({ lever, feature }) => text.includes(feature) && text.replaceAll(" ", "_").includes(lever),
    ).map(({ name }) => name),
  );
  const claimed = [...claims, ...alone].flatMap((claim) =>
    DECOYS.filter(
      ({ lever, feature }) => lever === claim.lever && claim.about?.includes(feature) === true,
    ).map(({ name }) => name),
  );
  return [...new Set([...claimed, ...offered])];
}
