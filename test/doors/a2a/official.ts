/** The official client of A2A, signed in as somebody, and what its streams come to. */
import { randomUUID } from "node:crypto";
import { AGENT_CARD_PATH, Role, type StreamResponse, TaskState } from "@a2a-js/sdk";
import {
  type Client,
  ClientFactory,
  ClientFactoryOptions,
  createAuthenticatingFetchWithRetry,
  JsonRpcTransportFactory,
} from "@a2a-js/sdk/client";
import { parseLegacyAgentCard } from "@a2a-js/sdk/compat/v0_3/client";
import type { Person } from "../../e2e/person.ts";

/** @returns the client, made from the agent's card alone, signed in as somebody. */
export function clientOf(person: Person): Promise<Client> {
  return factoryOf(person).createFromUrl(person.url);
}

/** @returns the client as it speaks 0.3, which knows of the card what 0.3 has in one. */
export async function oldClientOf(person: Person): Promise<Client> {
  const told: unknown = await (await fetch(`${person.url}/${AGENT_CARD_PATH}`)).json();
  return await factoryOf(person).createFromAgentCard(parseLegacyAgentCard(told));
}

function factoryOf({ credentials }: Person): ClientFactory {
  const fetchImpl = createAuthenticatingFetchWithRetry(fetch, {
    headers: async () => ({ authorization: `Bearer ${credentials.access_token}` }),
    shouldRetryWithHeaders: async () => undefined,
  });
  const options = ClientFactoryOptions.createFrom(ClientFactoryOptions.default, {
    transports: [new JsonRpcTransportFactory({ fetchImpl, legacyCompat: { enabled: true } })],
  });
  return new ClientFactory(options);
}

/** What a stream told: the answer as it was put together, and the states in their order. */
export function fold(told: readonly StreamResponse[]) {
  let answer = "";
  const states: TaskState[] = [];
  for (const { payload } of told) {
    if (payload?.$case === "statusUpdate")
      states.push(payload.value.status?.state ?? TaskState.UNRECOGNIZED);
    if (payload?.$case !== "artifactUpdate") continue;
    const content = payload.value.artifact?.parts[0]?.content;
    const text = content?.$case === "text" ? content.value : "";
    answer = payload.value.append ? answer + text : text;
  }
  return { answer, states };
}

/** @returns all that a stream tells, once it has ended. */
export async function heard(stream: AsyncIterable<StreamResponse>): Promise<StreamResponse[]> {
  const told: StreamResponse[] = [];
  for await (const each of stream) told.push(each);
  return told;
}

/** @returns a message of the user. @param more what else it says. */
export function asking(text: string, more: object = {}) {
  return {
    tenant: "",
    metadata: undefined,
    configuration: undefined,
    message: {
      messageId: randomUUID(),
      contextId: "",
      taskId: "",
      role: Role.ROLE_USER,
      parts: [
        {
          content: { $case: "text", value: text } as const,
          metadata: undefined,
          filename: "",
          mediaType: "text/plain",
        },
      ],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
      ...more,
    },
  };
}
