/** The tokens of model turns as checkpoints keep them. */
import * as z from "zod";

export const StepUsage = z.object({
  inputTokens: z.number(),
  cachedInputTokens: z.number(),
  outputTokens: z.number(),
  reasoningTokens: z.number(),
  estimated: z.boolean(),
});
