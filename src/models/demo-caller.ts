/** The demo and functions that are no tools of ours: called where a question names one, and restated. */
import type { ModelMessage } from "../core/model.ts";
import { parseArguments } from "../core/tool-call.ts";
import { type DemoTurn, type OfferedTools, quoted, SIGNATURE } from "./demo-plan.ts";
import { resultsOf } from "./demo-results.ts";
import { TOPICS } from "./demo-topics.ts";

const OURS: ReadonlySet<string> = new Set(TOPICS.map(({ tool }) => tool));

/**
 * @param mustCall whether something has to be called: the first function, where none is named.
 * @returns the call of each function that the newest question names, or what they gave; null where it names none.
 */
export function callerTurn(
  messages: readonly ModelMessage[],
  tools: OfferedTools,
  mustCall = false,
): DemoTurn | null {
  const question = messages.findLast(({ role }) => role === "user")?.content ?? "";
  const named = tools.map(({ name }) => name).filter((name) => isNamed(name, question));
  const [first] = tools;
  if (mustCall && first) return asking(named.length > 0 ? named : [first.name], question);
  if (named.length === 0) return null;
  const results = resultsOf(messages).filter(({ tool }) => named.includes(tool));
  if (results.length === 0) return asking(named, question);
  return {
    reasoning: [`${quoted(named)} gave something back, so I restate it, and add nothing to it.`],
    calls: [],
    text: [...results.map(({ tool, told }) => `\`${tool}\` gave: ${told}`), SIGNATURE].join("\n\n"),
  };
}

function asking(named: readonly string[], question: string): DemoTurn {
  const [braces = ""] = /\{.*\}/s.exec(question) ?? [];
  const args = parseArguments(braces).ok ? braces || "{}" : "{}";
  return {
    reasoning: [`The message names ${quoted(named)}, so I ask for that before I answer anything.`],
    calls: named.map((name) => ({ name, arguments: args })),
    text: "",
  };
}

function isNamed(name: string, question: string): boolean {
  return !OURS.has(name) && question.split(/[^A-Za-z0-9_-]+/).includes(name);
}
