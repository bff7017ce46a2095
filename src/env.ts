/** The configuration: read from the bindings once, checked as a whole, so that every fault is named together. */
import { z } from "zod";
import { ApexError, invalidFields } from "./protocol/errors.ts";

const DEFAULT_MODEL = "gpt-5-mini";

const models = z
  .string()
  .transform((list) => list.split(",").map((model) => model.trim()))
  .pipe(
    z.tuple([z.string().min(1)], z.string().min(1), "must be model names, separated by commas"),
  );

const Settings = z.object({
  ENVIRONMENT: z.enum(["development", "staging", "production"]),
  JWT_SECRET: z.string("must be set").min(32, "must be at least 32 characters"),
  MODEL_PROVIDER: z.enum(["openai", "demo"]),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .optional(),
  MODEL: models.prefault(DEFAULT_MODEL),
  DEMO_PACE_MS: z.coerce
    .number("must be a number of milliseconds")
    .int("must be a whole number of milliseconds")
    .min(0, "must not be negative")
    .max(10_000, "must be at most 10000")
    .default(12),
});
