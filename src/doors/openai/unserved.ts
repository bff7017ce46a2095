/** What OpenAI's API knows and is not kept here: refused by name, where passing over it would mislead who relies on it. */
import * as z from "zod";

/** @returns a parameter that is refused, whatever it holds. */
function unserved(why = "is not served here") {
  return z.null({ error: why }).optional();
}

/** @returns a parameter that may hold one value alone: what is done anyway. */
function always<const Value extends number | boolean>(value: Value, why: string) {
  return z.literal(value, { error: `must be ${value}: ${why}` }).nullish();
}

const BOTH = {
  moderation: unserved(),
  parallel_tool_calls: always(true, "calls that a model makes at once are handed over together"),
  top_logprobs: always(0, "no probabilities are told"),
};

/** Of chat completions. */
export const UNSERVED_IN_CHAT = {
  ...BOTH,
  audio: unserved(),
  function_call: unserved("is not served here: use tool_choice"),
  functions: unserved("is not served here: use tools"),
  logit_bias: unserved(),
  logprobs: always(false, "no probabilities are told"),
  modalities: z.array(z.literal("text", { error: "must be text" })).nullish(),
  n: always(1, "an agent gives one answer"),
  stop: unserved("is not served here: an answer ends where the agent ends it"),
  web_search_options: unserved(),
};

/** Of responses. */
export const UNSERVED_IN_RESPONSES = {
  ...BOTH,
  access_programs: unserved(),
  background: always(false, "the response goes on without its client anyway, and can be retrieved"),
  context_management: unserved(),
  conversation: unserved("is not served here: use previous_response_id"),
  image: unserved(),
  include: z
    .array(
      z
        .string()
        .refine((name) => !name.endsWith(".logprobs"), { error: "no probabilities are told" }),
    )
    .nullish(),
  max_tool_calls: unserved(),
  prompt: unserved(),
};
