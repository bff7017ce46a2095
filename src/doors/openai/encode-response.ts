/** One run as the events of a response: its thoughts, its tools and its text as items, each opened and closed. */
import type { RunFrame } from "../../http/follow-run.ts";
import type { CallerCall } from "../../protocol/caller.ts";
import type { RunStatus } from "../../protocol/entities.ts";
import type { LoggedEvent } from "../../protocol/events.ts";
import type { CallId } from "../../protocol/ids.ts";
import { AppendedText } from "../appended-text.ts";
import { type ResponseAbout, responseObject, SERVER_LABEL } from "./response-object.ts";

type Data<Type extends LoggedEvent["type"]> = Extract<LoggedEvent, { type: Type }>["data"];

/** An event as it is sent; clients refuse types that their version does not know. */
export type ResponseEvent = { readonly type: string; readonly sequence_number: number };

const ENDS = {
  completed: "response.completed",
  failed: "response.failed",
  cancelled: "response.incomplete",
} as const;

const text = (words: string) => ({
  type: "output_text",
  text: words,
  annotations: [],
  logprobs: [],
});

/** Makes the events frame by frame. An item's place in the output is that in which it was opened. */
export class ResponseEncoder {
  readonly #about: ResponseAbout;
  readonly #output: object[] = [];
  readonly #text = new AppendedText();
  /** Where the calls under way stand in the output. */
  readonly #calls = new Map<CallId, number>();
  /** Where the answer stands; null before its first words. */
  #answer: { readonly index: number; readonly id: string } | null = null;
  #sequence = 0;

  constructor(about: ResponseAbout) {
    this.#about = about;
  }

  /** @returns the response as it stands. */
  response(status: RunStatus, end: Pick<Data<"agent_completed">, "usage" | "problem"> | null) {
    const state = { status, usage: end?.usage ?? null, problem: end?.problem ?? null };
    return responseObject(this.#about, { ...state, output: [...this.#output] });
  }

  /** @returns the first events: the response is there, and under way. */
  start(): ResponseEvent[] {
    const response = this.response("running", null);
    return [
      this.#event("response.created", { response }),
      this.#event("response.in_progress", { response }),
    ];
  }

  /** @returns the events of a frame; those of `agent_completed` end the response. */
  encode(frame: RunFrame): ResponseEvent[] {
    switch (frame.type) {
      case "message_delta":
        return this.#write(frame.message_id, this.#text.hear(frame));
      case "agent_thinking":
        return this.#thought(`rs_${frame.seq}`, frame.data.reasoning);
      case "tool_executing":
        return this.#open(frame.data);
      case "tool_completed":
        return this.#close(frame.data);
      case "agent_completed":
        return this.#end(frame.data);
      default:
        return [];
    }
  }

  #thought(id: string, words: string): ResponseEvent[] {
    const part = { type: "summary_text", text: words };
    const item = { type: "reasoning", id, summary: [part], status: "completed" };
    const output_index = this.#output.push(item) - 1;
    const at = { item_id: id, output_index, summary_index: 0 };
    return [
      this.#event("response.output_item.added", {
        output_index,
        item: { ...item, summary: [], status: "in_progress" },
      }),
      this.#event("response.reasoning_summary_part.added", { ...at, part: { ...part, text: "" } }),
      this.#event("response.reasoning_summary_text.delta", { ...at, delta: words }),
      this.#event("response.reasoning_summary_text.done", { ...at, text: words }),
      this.#event("response.reasoning_summary_part.done", { ...at, part }),
      this.#event("response.output_item.done", { output_index, item }),
    ];
  }

  #open({ call_id, tool_name, ...call }: Data<"tool_executing">): ResponseEvent[] {
    const args = JSON.stringify(call.arguments);
    const item = callItem(call_id, { name: tool_name, arguments: args, status: "in_progress" });
    const output_index = this.#output.push(item) - 1;
    this.#calls.set(call_id, output_index);
    const at = { item_id: item.id, output_index };
    return [
      this.#event("response.output_item.added", { output_index, item }),
      this.#event("response.mcp_call.in_progress", at),
      this.#event("response.mcp_call_arguments.done", { ...at, arguments: args }),
    ];
  }

  #close({ call_id, tool_name, status, results, problem }: Data<"tool_completed">) {
    const output_index = this.#calls.get(call_id);
    // A call that waited for approval and was not approved was never opened.
    if (output_index === undefined) return [];
    this.#calls.delete(call_id);
    const succeeded = status === "succeeded";
    const item = {
      ...this.#output[output_index],
      ...callItem(call_id, { name: tool_name, status: succeeded ? "completed" : "failed" }),
      output: results === undefined ? null : JSON.stringify(results),
      error: problem?.detail ?? null,
    };
    this.#output[output_index] = item;
    const type = succeeded ? "response.mcp_call.completed" : "response.mcp_call.failed";
    return [
      this.#event(type, { item_id: item.id, output_index }),
      this.#event("response.output_item.done", { output_index, item }),
    ];
  }

  #write(messageId: string, delta: string): ResponseEvent[] {
    if (delta === "") return [];
    const opening: ResponseEvent[] = [];
    if (this.#answer === null) {
      const id = `msg_${messageId}`;
      const item = { type: "message", id, role: "assistant", status: "in_progress", content: [] };
      const output_index = this.#output.push(item) - 1;
      this.#answer = { index: output_index, id };
      const at = { item_id: id, output_index, content_index: 0 };
      opening.push(
        this.#event("response.output_item.added", { output_index, item }),
        this.#event("response.content_part.added", { ...at, part: text("") }),
      );
    }
    const { id: item_id, index: output_index } = this.#answer;
    const at = { item_id, output_index, content_index: 0 };
    return [...opening, this.#event("response.output_text.delta", { ...at, delta, logprobs: [] })];
  }

  #end(data: Data<"agent_completed">): ResponseEvent[] {
    const { status, final_response, message_id, caller_calls = [] } = data;
    const events = [
      ...this.#write(message_id, this.#text.end(final_response)),
      ...this.#finishText(status),
      ...caller_calls.flatMap((call) => this.#handOver(call)),
    ];
    const response = this.response(status, data);
    return [...events, this.#event(ENDS[status], { response })];
  }

  #finishText(status: RunStatus): ResponseEvent[] {
    if (this.#answer === null) return [];
    const { id, index: output_index } = this.#answer;
    const { told } = this.#text;
    const part = text(told);
    const at = { item_id: id, output_index, content_index: 0 };
    const item = {
      type: "message",
      id,
      role: "assistant",
      status: status === "completed" ? "completed" : "incomplete",
      content: [part],
    };
    this.#output[output_index] = item;
    return [
      this.#event("response.output_text.done", { ...at, text: told, logprobs: [] }),
      this.#event("response.content_part.done", { ...at, part }),
      this.#event("response.output_item.done", { output_index, item }),
    ];
  }

  #handOver({ call_id, name, arguments: args }: CallerCall): ResponseEvent[] {
    const id = `fc_${call_id}`;
    const item = { type: "function_call", id, call_id, name, arguments: args, status: "completed" };
    const output_index = this.#output.push(item) - 1;
    const at = { item_id: id, output_index };
    const opened = { ...item, arguments: "", status: "in_progress" };
    return [
      this.#event("response.output_item.added", { output_index, item: opened }),
      this.#event("response.function_call_arguments.delta", { ...at, delta: args }),
      this.#event("response.function_call_arguments.done", { ...at, name, arguments: args }),
      this.#event("response.output_item.done", { output_index, item }),
    ];
  }

  #event(type: string, fields: object): ResponseEvent {
    this.#sequence += 1;
    return { type, sequence_number: this.#sequence - 1, ...fields };
  }
}

function callItem(callId: CallId, fields: object) {
  const nothing = { output: null, error: null, approval_request_id: null };
  return {
    type: "mcp_call",
    id: `mcp_${callId}`,
    server_label: SERVER_LABEL,
    ...nothing,
    ...fields,
  };
}
