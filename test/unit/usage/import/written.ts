/** The same call as each source writes it, in the shapes their documents and exports have. */

/** A call of a model, as far as every source of single calls can tell of it. */
export interface Call {
  readonly trace: string;
  readonly span: string;
  /** Milliseconds since the Unix epoch. */
  readonly ts: number;
  readonly latency: number;
  readonly model: string;
  /** The inclusive totals, and their parts. */
  readonly input: number;
  readonly read: number;
  readonly write: number;
  readonly output: number;
  readonly reasoning: number;
  readonly user: string;
  readonly feature: string;
  readonly failed: boolean;
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
const idOf = ({ trace, span }: Call) => `${trace}-${span}`;
const nanoseconds = (milliseconds: number) => `${milliseconds}000000`;

function litellm(call: Call) {
  return {
    request_id: idOf(call),
    call_type: "acompletion",
    cache_hit: "True",
    spend: 0.0012,
    total_tokens: call.input + call.output,
    prompt_tokens: call.input,
    completion_tokens: call.output,
    startTime: iso(call.ts).replace("T", " ").replace("Z", "000"),
    endTime: iso(call.ts + call.latency),
    completionStartTime: iso(call.ts + call.latency),
    model: call.model,
    custom_llm_provider: "openai",
    status: call.failed ? "failure" : "success",
    end_user: call.user,
    request_tags: JSON.stringify(["User-Agent: curl", `feature:${call.feature}`]),
    metadata: JSON.stringify({
      usage_object: {
        prompt_tokens_details: { cached_tokens: call.read, cache_creation_tokens: call.write },
        completion_tokens_details: { reasoning_tokens: call.reasoning },
      },
    }),
  };
}

function helicone(call: Call) {
  return {
    request_id: idOf(call),
    request_created_at: iso(call.ts),
    response_status: call.failed ? 500 : 200,
    request_model: call.model,
    provider: "OPENAI",
    prompt_tokens: call.input,
    prompt_cache_read_tokens: call.read,
    prompt_cache_write_tokens: call.write,
    completion_tokens: call.output,
    reasoning_tokens: call.reasoning,
    delay_ms: call.latency,
    request_user_id: call.user,
    request_properties: { feature: call.feature },
    cost: 0.0012,
  };
}

function langfuse(call: Call) {
  return {
    id: idOf(call),
    traceId: call.trace,
    type: "GENERATION",
    startTime: iso(call.ts),
    endTime: iso(call.ts + call.latency),
    model: call.model,
    usageDetails: {
      input: call.input - call.read - call.write,
      input_cached_tokens: call.read,
      input_cache_creation: call.write,
      output: call.output - call.reasoning,
      output_reasoning_tokens: call.reasoning,
      total: call.input + call.output,
    },
    latency: call.latency / 1_000,
    totalCost: 0.0012,
    level: call.failed ? "ERROR" : "DEFAULT",
    userId: call.user,
    tags: [call.feature],
  };
}

const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value },
});

/** @returns an export request of OTLP/JSON with one span. */
function exported(call: Call, attributes: Readonly<Record<string, string | number>>) {
  const of = (some: Readonly<Record<string, string | number>>) =>
    Object.entries(some).map(([key, value]) => attribute(key, value));
  return {
    resourceSpans: [
      {
        resource: { attributes: of({ "service.name": call.feature }) },
        scopeSpans: [
          {
            scope: { name: "test" },
            spans: [
              {
                traceId: call.trace,
                spanId: call.span,
                name: `chat ${call.model}`,
                startTimeUnixNano: nanoseconds(call.ts),
                endTimeUnixNano: nanoseconds(call.ts + call.latency),
                attributes: of(attributes),
                status: call.failed ? { code: 2 } : {},
              },
            ],
          },
        ],
      },
    ],
  };
}

function otlp(call: Call) {
  return exported(call, {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": call.model,
    "gen_ai.usage.input_tokens": call.input,
    "gen_ai.usage.cache_read.input_tokens": call.read,
    "gen_ai.usage.cache_creation.input_tokens": call.write,
    "gen_ai.usage.output_tokens": call.output,
    "gen_ai.usage.reasoning.output_tokens": call.reasoning,
    "user.id": call.user,
  });
}

function openinference(call: Call) {
  return {
    name: "ChatCompletion",
    context: { trace_id: call.trace, span_id: call.span },
    span_kind: "LLM",
    start_time: iso(call.ts),
    end_time: iso(call.ts + call.latency),
    status_code: call.failed ? "ERROR" : "OK",
    attributes: {
      "openinference.span.kind": "LLM",
      "llm.model_name": call.model,
      "llm.provider": "openai",
      "llm.token_count.prompt": call.input,
      "llm.token_count.prompt_details.cache_read": call.read,
      "llm.token_count.prompt_details.cache_write": call.write,
      "llm.token_count.completion": call.output,
      "llm.token_count.completion_details.reasoning": call.reasoning,
      "user.id": call.user,
      feature: call.feature,
    },
  };
}

/** What a table of anybody's says, with its own names and its parts beside its totals. */
export const COLUMN_MAP = {
  columns: {
    record_id: "id",
    ts: "when",
    latency_ms: "took_ms",
    request_model: "model",
    input_tokens: "uncached",
    cache_read_tokens: "cached",
    cache_write_tokens: "written",
    output_tokens: "answer",
    reasoning_tokens: "thought",
    user_hash: "customer",
    feature: "use",
    status: "result",
  },
  constants: { provider: "openai" },
  cached: "separate",
  reasoning: "separate",
} as const;

function table(call: Call) {
  return {
    id: idOf(call),
    when: String(call.ts),
    took_ms: String(call.latency),
    model: call.model,
    uncached: String(call.input - call.read - call.write),
    cached: String(call.read),
    written: String(call.write),
    answer: String(call.output - call.reasoning),
    thought: String(call.reasoning),
    customer: call.user,
    use: call.feature,
    result: call.failed ? "failed" : "OK",
  };
}

/** Each format of single calls by its name: a row of it. */
export const WRITTEN = {
  litellm,
  helicone,
  langfuse,
  otlp,
  openinference,
  ndjson: table,
  csv: table,
};
export type WrittenFormat = keyof typeof WRITTEN;

/** How rows are laid out in a file. */
export type Layout = "lines" | "array" | "indented" | "csv";

/** @returns a file of rows. */
export function fileOf(rows: readonly object[], layout: Layout): string {
  if (layout === "lines") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  if (layout === "array") return JSON.stringify(rows);
  if (layout === "indented") return JSON.stringify(rows, null, 2);
  const names = Object.keys(rows[0] ?? {});
  const cell = (value: unknown) => {
    const text = typeof value === "object" ? JSON.stringify(value) : String(value ?? "");
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [names, ...rows.map((row) => Object.values(row))]
    .map((cells) => `${cells.map(cell).join(",")}\r\n`)
    .join("");
}

/** @returns a file's bytes, cut into pieces of a size. */
export async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}
