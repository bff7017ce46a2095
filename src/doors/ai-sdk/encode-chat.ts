/** One run as the AI SDK's UI message stream: parts of one message, each begun and ended. */
import type { RunFrame } from "../../http/follow-run.ts";
import type { LoggedEvent } from "../../protocol/events.ts";
import type { CallId, RunId, ThreadId } from "../../protocol/ids.ts";
import { AppendedText } from "../appended-text.ts";

type Completed = Extract<LoggedEvent, { type: "agent_completed" }>["data"];

/** A chunk of the stream. */
export interface UiChunk {
  readonly type: string;
}

/** Ours run here: a page that tried to execute them would be told nothing it could use. */
const OURS = { providerExecuted: true, dynamic: true };

/** Makes the chunks of a run, frame by frame. */
export class UiEncoder {
  readonly #about: { readonly thread_id: ThreadId; readonly run_id: RunId };
  readonly #text = new AppendedText();
  readonly #opened = new Set<CallId>();
  #writes = false;

  constructor(threadId: ThreadId, runId: RunId) {
    this.#about = { thread_id: threadId, run_id: runId };
  }

  /** @returns the first chunks: a message begins, or, under no id of its own, one goes on. */
  start(goesOn: boolean): UiChunk[] {
    const id = goesOn ? {} : { messageId: this.#about.run_id };
    return [chunk("start", { ...id, messageMetadata: this.#about }), chunk("start-step")];
  }

  /** @returns the chunks of a frame; those of `agent_completed` end the message. */
  encode(frame: RunFrame): UiChunk[] {
    switch (frame.type) {
      case "message_delta":
        return this.#write(this.#text.hear(frame));
      case "agent_thinking": {
        const id = `thought-${frame.seq}`;
        return [
          chunk("reasoning-start", { id }),
          chunk("reasoning-delta", { id, delta: frame.data.reasoning }),
          chunk("reasoning-end", { id }),
        ];
      }
      case "tool_executing": {
        const {
          call_id: toolCallId,
          tool_name: toolName,
          arguments: input,
          operation,
        } = frame.data;
        this.#opened.add(toolCallId);
        return [
          chunk("tool-input-available", { toolCallId, toolName, input, title: operation, ...OURS }),
        ];
      }
      case "tool_completed":
        return this.#close(frame.data);
      case "handoff":
        return [chunk("data-agent", { id: `agent-${frame.seq}`, data: frame.data })];
      case "approval_requested":
      case "approval_decided":
        return [chunk("data-approval", { data: { event: frame.type, ...frame.data } })];
      case "agent_fallback":
        return [chunk("data-fallback", { data: frame.data })];
      case "agent_completed":
        return this.#end(frame.data);
      default:
        return [];
    }
  }

  /** One that waited for approval and did not get it was never opened: clients know of none to close. */
  #close(data: Extract<LoggedEvent, { type: "tool_completed" }>["data"]): UiChunk[] {
    const { call_id: toolCallId, status, results, problem } = data;
    if (!this.#opened.has(toolCallId)) return [];
    return status === "succeeded"
      ? [chunk("tool-output-available", { toolCallId, output: results ?? null, ...OURS })]
      : [chunk("tool-output-error", { toolCallId, errorText: problem?.detail ?? status, ...OURS })];
  }

  #write(delta: string): UiChunk[] {
    if (delta === "") return [];
    const opening = this.#writes ? [] : [chunk("text-start", { id: "answer" })];
    this.#writes = true;
    return [...opening, chunk("text-delta", { id: "answer", delta })];
  }

  #end(data: Completed): UiChunk[] {
    const { caller_calls: calls = [], problem, status, usage, duration_ms } = data;
    const metadata = { ...this.#about, status, usage, duration_ms };
    const ended = [
      ...this.#write(this.#text.end(data.final_response)),
      ...(this.#writes ? [chunk("text-end", { id: "answer" })] : []),
    ];
    if (problem !== undefined) return [...ended, errorChunk(problem.detail)];
    const asked = calls.map(({ call_id: toolCallId, name: toolName, arguments: text }) =>
      chunk("tool-input-available", { toolCallId, toolName, input: parsed(text) }),
    );
    if (status === "cancelled") return [...ended, chunk("abort", { reason: "cancelled" })];
    const finishReason = calls.length > 0 ? "tool-calls" : "stop";
    return [
      ...ended,
      ...asked,
      chunk("finish-step"),
      chunk("finish", { finishReason, messageMetadata: metadata }),
    ];
  }
}

/** @returns what a stream that breaks ends with. */
export function errorChunk(errorText: string): UiChunk {
  return chunk("error", { errorText });
}

function chunk(type: string, fields: object = {}): UiChunk {
  return { type, ...fields };
}

/** What a model wrote as arguments; where that is no JSON, as it wrote it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
