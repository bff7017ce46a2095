/** What each thing looks like on a terminal: frames, calls, messages and threads become lines. */
import type { FinalStatus, RunUsage, Thread } from "../protocol/entities.ts";
import type { ServerFrame } from "../protocol/events.ts";
import type { CallId } from "../protocol/ids.ts";
import { counted } from "../protocol/plural.ts";
import type { MessageView, ThreadView, TimelineEntry } from "../protocol/thread-view.ts";
import { oneLine, plain } from "./plain-text.ts";

type Style = "bold" | "cyan" | "dim" | "green" | "red" | "yellow";
/** Gives a text a style, where the stream it goes to shows styles. */
export type Paint = (style: Style, text: string) => string;

export type ToolCall = Extract<TimelineEntry, { kind: "tool" }>;

/** What goes before an answer, as `you ›` goes before a question. */
export const ANSWER_PREFIX = "apex › ";

/** Characters of arguments, or of results, that a folded call shows. */
const FOLDED = 80;

const MARKS: Readonly<Record<FinalStatus, readonly [Style, string]>> = {
  completed: ["green", "✓"],
  failed: ["red", "✗"],
  cancelled: ["yellow", "■"],
};

/** @returns the lines an event adds; the answer's own text is not among them. */
export function renderFrame(frame: ServerFrame, view: ThreadView, paint: Paint): string[] {
  switch (frame.type) {
    case "message_accepted": {
      const { queue_position: ahead } = frame.data;
      return ahead === 0 ? [] : [paint("dim", `waiting behind ${counted(ahead, "run")}`)];
    }
    case "agent_started": {
      const { agent_type, model, plan } = frame.data;
      const steps = plan.map((step, n) => `  ${n + 1}. ${oneLine(step)}`);
      return [`started, model ${oneLine(model)}`, ...steps].map(by(agent_type, paint));
    }
    case "agent_thinking":
      return [paint("dim", oneLine(frame.data.reasoning))].map(by(frame.context.agent, paint));
    case "handoff": {
      const { from, to, reason } = frame.data;
      return [`→ ${paint("cyan", oneLine(to))}: ${oneLine(reason)}`].map(by(from, paint));
    }
    case "approval_requested": {
      const { call_id, tool_name, operation, arguments: given, expires_at } = frame.data;
      const call = `${callNumber(view, call_id)} ${oneLine(tool_name)} ${folded(given)}`;
      const asks = paint("yellow", `waits for you until ${oneLine(expires_at)}:`);
      return [
        ...[`${call} ${asks} ${oneLine(operation)}`].map(by(frame.context.agent, paint)),
        paint("yellow", "/approve lets it go on, /reject does not."),
      ];
    }
    case "approval_decided": {
      const { call_id, decision, by: whose } = frame.data;
      return [paint("dim", `${callNumber(view, call_id)} was ${decision} by the ${whose}`)];
    }
    case "tool_executing": {
      const { call_id, tool_name, operation, arguments: given } = frame.data;
      const call = `${callNumber(view, call_id)} ${oneLine(tool_name)}`;
      const line = `${call} ${folded(given)} ${paint("dim", oneLine(operation, FOLDED))}`;
      return [line].map(by(frame.context.agent, paint));
    }
    case "tool_completed": {
      const { call_id, tool_name, status, duration_ms, results, problem } = frame.data;
      const call = `${callNumber(view, call_id)} ${oneLine(tool_name)}`;
      const outcome = problem ? oneLine(problem.detail, FOLDED) : folded(results ?? null);
      const style = status === "succeeded" ? "green" : "red";
      const line = `${call} ${paint(style, words(status))} in ${time(duration_ms)}: ${outcome}`;
      return [line].map(by(frame.context.agent, paint));
    }
    case "agent_fallback": {
      const { part, reason, action } = frame.data;
      return [paint("yellow", `! ${part}: ${oneLine(reason)} ${oneLine(action)}`)];
    }
    case "agent_completed": {
      const { status, usage, duration_ms, problem } = frame.data;
      const [style, mark] = MARKS[status];
      const figures = [...renderUsage(usage), time(duration_ms)].join(" · ");
      const line = `${paint(style, `${mark} ${status}`)} ${paint("dim", `· ${figures}`)}`;
      return problem ? [line, paint("red", oneLine(problem.detail))] : [line];
    }
    case "thread_updated":
      return [paint("dim", `title: ${oneLine(frame.data.title ?? "(none)")}`)];
    case "error":
      return [paint("red", `! ${oneLine(frame.data.problem.detail)}`)];
    default:
      return [];
  }
}

/** @returns a message as the history shows it. */
export function renderMessage({ role, text, status }: MessageView, paint: Paint): string {
  const said =
    role === "user" ? paint("bold", `you › ${plain(text)}`) : ANSWER_PREFIX + plain(text);
  return status === "complete" ? said : `${said} ${paint("yellow", `(${status})`)}`;
}

/** @returns the threads, numbered from 1. */
export function renderThreads(threads: readonly Thread[], paint: Paint): string[] {
  return threads.map(({ id, title, updated_at }, n) => {
    const name = title === null ? paint("dim", "(no title)") : oneLine(title, FOLDED);
    return `${n + 1}. ${name} ${paint("dim", `${updated_at.slice(0, 10)} ${oneLine(id)}`)}`;
  });
}

/** @returns every tool call of the thread, in the order they were made. */
export function toolCalls({ runs }: ThreadView): ToolCall[] {
  return Object.values(runs)
    .flatMap(({ timeline }) => timeline)
    .filter((entry) => entry.kind === "tool")
    .sort((a, b) => a.seq - b.seq);
}

/** @returns a tool call in full. */
export function renderCall(call: ToolCall, paint: Paint): string[] {
  const { name, agent, operation, status, durationMs, results, problem } = call;
  const took = durationMs === null ? "" : ` in ${time(durationMs)}`;
  return [
    `${paint("bold", oneLine(name))} by ${oneLine(agent)}: ${words(status)}${took}`,
    oneLine(operation),
    `arguments: ${pretty(call.arguments)}`,
    ...(results === null ? [] : [`results: ${pretty(results)}`]),
    ...(problem === null ? [] : [paint("red", oneLine(problem.detail))]),
  ];
}

/** @returns tokens and cost; a price that is not known is not shown as nothing. */
function renderUsage({ input_tokens, output_tokens, cost_usd, estimated }: RunUsage): string[] {
  const total = `${estimated ? "about " : ""}${counted(input_tokens + output_tokens, "token")}`;
  const parts = `(${input_tokens.toLocaleString("en")} in, ${output_tokens.toLocaleString("en")} out)`;
  return [`${total} ${parts}`, cost_usd === null ? "no known price" : DOLLARS.format(cost_usd)];
}

const DOLLARS = new Intl.NumberFormat("en", {
  style: "currency",
  currency: "USD",
  maximumSignificantDigits: 3,
});

function by(agent: string | null, paint: Paint): (line: string) => string {
  return (line) => `${paint("cyan", oneLine(agent ?? "system"))} ${line}`;
}

function callNumber(view: ThreadView, id: CallId): string {
  return `#${toolCalls(view).findIndex(({ callId }) => callId === id) + 1}`;
}

function folded(value: unknown): string {
  return oneLine(JSON.stringify(value), FOLDED);
}

function pretty(value: unknown): string {
  return plain(JSON.stringify(value, null, 2));
}

function words(status: ToolCall["status"]): string {
  return status.replace("_", " ");
}

function time(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
