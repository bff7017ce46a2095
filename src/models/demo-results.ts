/** What the demo reads off the tool messages after the newest question: summaries, failures, facts. */
import * as z from "zod";
import type { ModelMessage } from "../core/model.ts";
import type { Brief } from "../core/team/brief.ts";
import { FactId } from "../protocol/ids.ts";
import type { Json } from "../protocol/json.ts";
import type { Question } from "./demo-question.ts";

const Summary = z.object({ summary: z.string().trim().min(1) });
const Failure = z.object({ error: z.object({ detail: z.string().trim().min(1) }) });
const Facts = z.object({ facts: z.array(z.object({ id: FactId, name: z.string() })) });

/** What a tool gave back, or why it gave nothing. */
export interface DemoResult {
  readonly tool: string;
  /** The result as it was told. */
  readonly told: string;
  /** The whole result, for who knows its shape. */
  readonly content: unknown;
  /** Its figures in words; null where it has none. */
  readonly summary: string | null;
  /** Why there is none. */
  readonly failure: string;
  /** The ids of its figures, by the names the tool gives them. */
  readonly facts: ReadonlyMap<string, FactId>;
}

export interface UncalledTool {
  readonly tool: string;
  readonly why: string;
}

/** What a part works from. */
export interface PartScene {
  readonly brief: Brief;
  readonly question: Question;
  readonly results: readonly DemoResult[];
  /** Tools that were wanted and not called, each with the reason. */
  readonly uncalled: readonly UncalledTool[];
}

/** @returns the results after the newest question, in order. */
export function resultsOf(messages: readonly ModelMessage[]): readonly DemoResult[] {
  const turn = messages.slice(messages.findLastIndex(({ role }) => role === "user") + 1);
  const names = new Map(
    turn.flatMap((message) =>
      message.role === "assistant" ? message.toolCalls.map(({ id, name }) => [id, name]) : [],
    ),
  );
  // Only the tool role counts: whatever a person writes, it is no result.
  return turn.flatMap((message) =>
    message.role === "tool" ? read(names.get(message.callId) ?? "a tool", message.content) : [],
  );
}

function read(tool: string, text: string): DemoResult {
  const content = parseJson(text);
  const success = Summary.safeParse(content);
  const failure = Failure.safeParse(content);
  const facts = Facts.safeParse(content).data?.facts ?? [];
  return {
    tool,
    told: text,
    content,
    summary: success.success ? success.data.summary : null,
    failure: failure.success ? failure.data.error.detail : "Its result could not be read.",
    facts: new Map(facts.map(({ id, name }) => [name, id])),
  };
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
