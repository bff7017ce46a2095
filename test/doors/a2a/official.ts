/** The official client of A2A, signed in as somebody, and what its streams come to. */
import { randomUUID } from "node:crypto";
import { Role, type StreamResponse, TaskState } from "@a2a-js/sdk";
import {
  ClientFactory,
  ClientFactoryOptions,
  createAuthenticatingFetchWithRetry,
  JsonRpcTransportFactory,
} from "@a2a-js/sdk/client";
import type { Person } from "../../e2e/person.ts";

/** @returns the client, made from the agent's card alone, signed in as somebody. */
export function clientOf({ url, credentials }: Person) {
  const fetchImpl = createAuthenticatingFetchWithRetry(fetch, {
    headers: async () => ({ authorization: `Bearer ${credentials.access_token}` }),
    shouldRetryWithHeaders: async () => undefined,
  });
  const options = ClientFactoryOptions.createFrom(ClientFactoryOptions.default, {
    transports: [new JsonRpcTransportFactory({ fetchImpl })],
  });
  return new ClientFactory(options).createFromUrl(url);
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
