/** Our agents as models: how a client of OpenAI's API chooses who answers. */
import * as z from "zod";
import { AGENT_NAMES } from "../../agents/roster.ts";
import { ApexError } from "../../protocol/errors.ts";

const PREFIX = "apex-";
/** When the first of them could be asked, in seconds since the Unix epoch; their API wants a date. */
const CREATED = Date.UTC(2026, 10, 21) / 1_000;

export const ModelObject = z.object({
  id: z.string(),
  object: z.literal("model"),
  created: z.number().int(),
  owned_by: z.string(),
});
export type ModelObject = z.infer<typeof ModelObject>;

export const ModelList = z.object({ object: z.literal("list"), data: z.array(ModelObject) });

/** @returns the model that an agent is. */
export function modelOfAgent(name: string): string {
  return PREFIX + name;
}

/** @returns every agent as a model, the default first. */
export function allModels(): ModelObject[] {
  return AGENT_NAMES.map((name) => ({
    id: modelOfAgent(name),
    object: "model",
    created: CREATED,
    owned_by: "apex-edge",
  }));
}

/**
 * @returns the model with that id.
 * @throws {ApexError} `not_found` if there is none.
 */
export function findModel(id: string): ModelObject {
  const found = allModels().find((model) => model.id === id);
  if (found !== undefined) return found;
  const known = allModels().map((model) => model.id);
  const message = `must be one of: ${known.join(", ")}`;
  throw new ApexError("not_found", `There is no such model: it ${message}.`, {
    errors: [{ field: "model", message }],
  });
}

/** @returns the name of the agent behind a model id. @throws {ApexError} as {@link findModel}. */
export function agentOfModel(id: string): string {
  return findModel(id).id.slice(PREFIX.length);
}
