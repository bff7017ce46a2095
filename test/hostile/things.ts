/** What an id is the id of, and whose things stand for it. */
import { newId } from "../../src/core/clock.ts";
import type { Operation } from "./operations.ts";
import type { Resident } from "./world.ts";

/**
 * What a parameter names, by its own name or by the word before it in the path. A route of something
 * new fails here until it is told how {@link Resident} owns one, and where that is found.
 */
export const THINGS: Readonly<Record<string, (owner: Resident) => string>> = {
  thread: ({ thread }) => thread.threadId,
  run: ({ runId }) => runId,
  message: ({ messageId }) => messageId,
  session: ({ sessionId }) => sessionId,
  key: ({ apiKeyId }) => apiKeyId,
  "api-key": ({ apiKeyId }) => apiKeyId,
  user: ({ credentials }) => credentials.user.id,
  member: ({ credentials }) => credentials.user.id,
  organization: ({ organizationId }) => organizationId,
  team: ({ organizationId }) => organizationId,
  invitation: ({ invitation }) => invitation,
  import: ({ importId }) => importId,
  price: ({ priceId }) => priceId,
  webhook: ({ webhookId }) => webhookId,
  delivery: ({ deliveryId }) => deliveryId,
  server: ({ mcpServerId }) => mcpServerId,
  call: () => "call-1",
  response: ({ runId }) => `resp_${runId}`,
  chat: ({ thread }) => thread.threadId,
  // Nobody's own: everybody has the same, and what is none of them is there for nobody.
  agent: () => "no-such-agent",
  tool: () => "no_such_tool",
  model: () => "apex-none",
};

/** How the last word of a run's id tells it from its thread's. */
const MISSING: Readonly<Record<string, () => string>> = {
  run: () => `${newId()}.1`,
  response: () => `resp_${newId()}.1`,
};

/** @returns an id of a thing of a kind that is nowhere. */
export function missingOf(kind: string): string {
  return (MISSING[kind] ?? newId)();
}

/** @returns what an id in the path is the id of. */
export function kindOf({ path }: Operation, parameter: string): string {
  const before =
    path
      .slice(0, path.indexOf(`{${parameter}}`))
      .split("/")
      .at(-2) ?? "";
  const named = parameter.replace(/_?id$/, "");
  return named === "" ? before.replace(/s$/, "") : named;
}

export function thingOf(operation: Operation, parameter: string): (owner: Resident) => string {
  const kind = kindOf(operation, parameter);
  const thing = THINGS[kind];
  if (thing !== undefined) return thing;
  throw new Error(
    `${operation.name} takes the id of a ${kind}, which no one in the world owns: give each Resident (world.ts) one, and name it in THINGS.`,
  );
}
