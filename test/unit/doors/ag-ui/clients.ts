/** The official clients of AG-UI, fed with what is to be told in the place of a server. */
import { HttpAgent } from "@ag-ui/client";
import { EventSchemas } from "@ag-ui/core/schemas";
import { EventSchemas as OldEventSchemas, HttpAgent as OldHttpAgent } from "ag-ui-client-0059";
import {
  type AgUiEvent,
  type AgUiMessage,
  asEventStream,
} from "../../../../src/doors/ag-ui/events.ts";

/** What a client made of a stream. */
export interface Heard {
  readonly messages: readonly { readonly id: string; readonly role: string }[];
  /** The types of the events, in order. */
  readonly types: readonly string[];
  /** Why it refused the stream, where it did. */
  readonly refusal: string | null;
}

/** The versions that are spoken to. */
export const CLIENTS = ["1.0.0", "0.0.59"] as const;
export type Client = (typeof CLIENTS)[number];

/** @throws where an event is none by the client's own schemas. */
export async function hear(
  client: Client,
  events: readonly AgUiEvent[],
  messages: readonly AgUiMessage[] = [],
): Promise<Heard> {
  const types: string[] = [];
  const failures: Error[] = [];
  const config = {
    url: "http://nowhere.invalid/",
    threadId: "t",
    initialMessages: JSON.parse(JSON.stringify(messages)),
    fetch: async () =>
      new Response(asEventStream(events), { headers: { "content-type": "text/event-stream" } }),
  };
  const listener = {
    onEvent: ({ event }: { event: { type: string } }) => void types.push(event.type),
    onRunFailed: ({ error }: { error: Error }) => void failures.push(error),
  };
  const told: unknown[] = JSON.parse(JSON.stringify(events));
  const [agent, schema] =
    client === "1.0.0"
      ? [new HttpAgent(config), EventSchemas]
      : [new OldHttpAgent(config), OldEventSchemas];
  for (const event of told) schema.parse(event);
  await agent.runAgent({ runId: "r" }, listener).catch((error) => void failures.push(error));
  return { messages: agent.messages, types, refusal: failures[0]?.message ?? null };
}
