/** One run in AG-UI's words: every bracket that is opened is closed, and nothing follows the end. */
import type { RunFrame } from "../../http/follow-run.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { LoggedEvent } from "../../protocol/events.ts";
import type { Problem } from "../../protocol/problem.ts";
import { AnswerText, type Telling } from "../answer-text.ts";
import {
  type AgUiEvent,
  type AgUiMessage,
  type NamedRun,
  type OfSubagent,
  tokenUsageOf,
  toolCallIdOf,
} from "./events.ts";
import { SubagentRuns } from "./subagent-runs.ts";

type EventOf<Type extends LoggedEvent["type"]> = Extract<LoggedEvent, { type: Type }>;

interface EncodedRun extends NamedRun {
  /** The conversation before the run's own messages, for where it has to be told anew. */
  readonly before: readonly AgUiMessage[];
  /** Whether the client knows the outcomes of 1.0. */
  readonly knowsCancelled?: boolean;
}

/**
 * Takes a run's frames in order, from its first; the frames of one run alone. A status (which agent is at
 * work) is a step, and what has no event of its own in AG-UI is CUSTOM, under our name for it.
 */
export class RunEncoder {
  readonly #run: EncodedRun;
  readonly #made: AgUiMessage[] = [];
  readonly #calls = new Map<string, { readonly id: string; readonly subagentRunId?: string }>();
  readonly #subagents = new SubagentRuns();
  readonly #text = new AnswerText();
  #step: string | null = null;
  /** The message that is being written, and whether it is open just now. */
  #answer: { readonly id: string; readonly at: number; open: boolean } | null = null;

  constructor(run: EncodedRun) {
    this.#run = run;
  }

  /** The conversation as it stands: what was before the run, and what the run has made. */
  get messages(): readonly AgUiMessage[] {
    return [...this.#run.before, ...this.#made];
  }

  /** @param asked the messages that the run answers, where the client may not have them. */
  start(asked: readonly AgUiMessage[] = []): AgUiEvent[] {
    const { threadId, runId } = this.#run;
    const named = { threadId, runId };
    if (asked.length === 0) return [{ type: "RUN_STARTED", ...named }];
    const rest = { tools: [], context: [], state: {}, forwardedProps: {} };
    return [{ type: "RUN_STARTED", ...named, input: { ...named, messages: asked, ...rest } }];
  }

  /**
   * @returns what a client must be told that joins before the answer began, or did not hear of it: the
   *   conversation, and what is open.
   */
  rejoin(): AgUiEvent[] {
    return [
      { type: "MESSAGES_SNAPSHOT", messages: this.messages },
      ...(this.#step === null ? [] : [{ type: "STEP_STARTED", stepName: this.#step } as const]),
      ...this.#subagents.reopened(),
    ];
  }

  encode(frame: RunFrame): AgUiEvent[] {
    if (frame.type === "message_delta") {
      return this.#say(frame.message_id, this.#text.hear(frame));
    }
    const timestamp = Date.parse(frame.context.timestamp);
    return this.#encode(frame).map((event) => ({ ...event, timestamp }));
  }

  /** @returns the last words of a run that cannot be told to its end. */
  broken(error: unknown): AgUiEvent[] {
    const { code, message } = ApexError.from(
      error ?? new ApexError("unavailable", "The run could not be followed to its end."),
    );
    return [...this.#closeAll({ code, detail: message }), { type: "RUN_ERROR", code, message }];
  }

  #encode(event: LoggedEvent): AgUiEvent[] {
    switch (event.type) {
      case "agent_started":
        return this.#started(event);
      case "agent_thinking":
        return this.#reason(event);
      case "handoff":
        return this.#subagents.handOff(event);
      case "approval_requested":
        return [...this.#openCall(event), custom(event)];
      case "tool_executing":
        return this.#openCall(event);
      case "tool_completed":
        return this.#closeCall(event);
      case "approval_decided":
      case "agent_fallback":
        return [custom(event)];
      case "agent_completed":
        return this.#complete(event);
      case "message_accepted":
      case "thread_updated":
        return [];
    }
  }

  #started(event: EventOf<"agent_started">): AgUiEvent[] {
    const { agent_type } = event.data;
    this.#subagents.root = agent_type;
    if (this.#step !== null) return [custom(event)];
    this.#step = agent_type;
    return [{ type: "STEP_STARTED", stepName: agent_type }, custom(event)];
  }

  #reason({ seq, context, data }: EventOf<"agent_thinking">): AgUiEvent[] {
    const messageId = `${context.run_id}.reasoning.${seq}`;
    const subagent = this.#subagents.of(context.agent);
    const ids = { messageId, ...subagent };
    this.#made.push({ ...subagent, id: messageId, role: "reasoning", content: data.reasoning });
    return [
      { type: "REASONING_START", ...ids },
      { type: "REASONING_MESSAGE_START", role: "reasoning", ...ids },
      { type: "REASONING_MESSAGE_CONTENT", delta: data.reasoning, ...ids },
      { type: "REASONING_MESSAGE_END", ...ids },
      { type: "REASONING_END", ...ids },
    ];
  }

  /** An approval opens its call, which its execution then does no more. */
  #openCall(event: EventOf<"approval_requested"> | EventOf<"tool_executing">): AgUiEvent[] {
    const { call_id, tool_name, arguments: given } = event.data;
    if (this.#calls.has(call_id)) return [];
    const { run_id, agent } = event.context;
    const id = toolCallIdOf(run_id, call_id);
    const subagent = this.#subagents.of(agent);
    this.#calls.set(call_id, { id, ...subagent });
    return this.#tellCall({ id, name: tool_name, arguments: JSON.stringify(given) }, subagent);
  }

  /** Of a call that the client is to execute nothing more is told here. */
  #tellCall(
    call: { readonly id: string; readonly name: string; readonly arguments: string },
    subagent: OfSubagent = {},
  ): AgUiEvent[] {
    const { id: toolCallId, ...told } = call;
    const ids = { toolCallId, ...subagent };
    const toolCalls = [{ id: toolCallId, type: "function", function: told }];
    this.#made.push({ ...subagent, id: toolCallId, role: "assistant", toolCalls });
    return [
      { type: "TOOL_CALL_START", toolCallName: told.name, ...ids },
      { type: "TOOL_CALL_ARGS", delta: told.arguments, ...ids },
      { type: "TOOL_CALL_END", ...ids },
    ];
  }

  #closeCall({ data }: EventOf<"tool_completed">): AgUiEvent[] {
    const call = this.#calls.get(data.call_id);
    if (call === undefined) return [];
    const { id: toolCallId, ...subagent } = call;
    const { status, results, problem } = data;
    const content = JSON.stringify(
      status === "succeeded" ? (results ?? null) : { status, problem },
    );
    const messageId = `${toolCallId}.result`;
    this.#made.push({ ...subagent, id: messageId, role: "tool", toolCallId, content });
    return [
      { type: "TOOL_CALL_RESULT", messageId, toolCallId, role: "tool", content, ...subagent },
    ];
  }

  #say(messageId: string, telling: Telling): AgUiEvent[] {
    if (telling.kind === "nothing") return [];
    const answer = this.#answer;
    if (answer === null) {
      this.#answer = { id: messageId, at: this.#made.length, open: true };
      this.#made.push({ id: messageId, role: "assistant", content: this.#text.told });
      return [opened(messageId), ...said(messageId, this.#text.told)];
    }
    this.#made[answer.at] = { id: answer.id, role: "assistant", content: this.#text.told };
    if (telling.kind === "more") return said(answer.id, telling.text);
    return [
      { type: "TEXT_MESSAGE_END", messageId: answer.id },
      { type: "MESSAGES_SNAPSHOT", messages: this.messages },
      opened(answer.id),
    ];
  }

  #complete({ context, data }: EventOf<"agent_completed">): AgUiEvent[] {
    const { final_response, problem, model, caller_calls = [], ...result } = data;
    const usage = [tokenUsageOf(model, data.usage)];
    const text = this.#say(data.message_id, this.#text.end(final_response));
    const calls = caller_calls.flatMap(({ call_id, name, arguments: given }) =>
      this.#tellCall({ id: toolCallIdOf(context.run_id, call_id), name, arguments: given || "{}" }),
    );
    const closed = [...text, ...calls, ...this.#closeAll(problem)];
    if (data.status === "failed") {
      const { code, detail: message } = problem ?? UNTOLD;
      return [...closed, { type: "RUN_ERROR", code, message, usage }];
    }
    const { threadId, runId, knowsCancelled } = this.#run;
    const outcome =
      data.status === "cancelled" && knowsCancelled
        ? ({ outcome: { type: "cancelled" } } as const)
        : {};
    return [
      ...closed,
      {
        type: "RUN_FINISHED",
        threadId,
        runId,
        result: { run_id: context.run_id, model, ...result },
        ...outcome,
        usage,
      },
    ];
  }

  #closeAll(problem: Pick<Problem, "code" | "detail"> | undefined): AgUiEvent[] {
    const answer = this.#answer;
    const step = this.#step;
    const closed: AgUiEvent[] = [];
    if (answer?.open) closed.push({ type: "TEXT_MESSAGE_END", messageId: answer.id });
    if (answer) answer.open = false;
    closed.push(...this.#subagents.close(problem));
    if (step !== null) closed.push({ type: "STEP_FINISHED", stepName: step });
    this.#step = null;
    return closed;
  }
}

const UNTOLD = { code: "internal", detail: "The run failed." } as const;

function opened(messageId: string): AgUiEvent {
  return { type: "TEXT_MESSAGE_START", messageId, role: "assistant" };
}

function said(messageId: string, delta: string): AgUiEvent[] {
  return delta === "" ? [] : [{ type: "TEXT_MESSAGE_CONTENT", messageId, delta }];
}

/** @returns what AG-UI has no word for, as it is. */
function custom({ type, seq, context, data }: LoggedEvent): AgUiEvent {
  return { type: "CUSTOM", name: `apex.${type}`, value: { seq, run_id: context.run_id, ...data } };
}
