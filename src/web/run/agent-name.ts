/** The team by name: those of the house in the person's language, others as they are called. */
import type { Words } from "../words/words.ts";

/** @returns the name of an agent, as the page says it. */
export function agentName({ run }: Words, agent: string): string {
  return textOf(run.names, agent) ?? agent;
}

/** @returns what an agent is about, as a clause after its name. */
export function agentWork({ run }: Words, agent: string): string {
  return textOf(run.doing, agent) ?? run.thinks;
}

function textOf(texts: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(texts, key) ? texts[key] : undefined;
}
