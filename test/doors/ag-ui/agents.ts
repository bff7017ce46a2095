/** The official clients of AG-UI, signed in at a product, with all that they heard at hand. */
import { randomUUID } from "node:crypto";
import { HttpAgent } from "@ag-ui/client";
import { EventSchemas } from "@ag-ui/core/schemas";
import { EventSchemas as OldEventSchemas, HttpAgent as OldHttpAgent } from "ag-ui-client-0059";
import { z } from "zod";
import type { Person } from "../../e2e/person.ts";
import { eventually } from "../../e2e/within.ts";

export const CLIENTS = ["1.0.0", "0.0.59"] as const;
export type Client = (typeof CLIENTS)[number];

/** As much of an event as the suites look at. */
const Heard = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  value: z.record(z.string(), z.unknown()).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  code: z.string().optional(),
  delta: z.string().optional(),
});
export type Heard = z.infer<typeof Heard>;

interface Given {
  readonly client?: Client;
  readonly threadId?: string;
  readonly path?: string;
  readonly messages?: readonly unknown[];
  /** Of the page's own. */
  readonly tools?: readonly { name: string; description: string; parameters: object }[];
}

/** @returns an agent of the official client; every event that it hears is checked by that version's schema. */
export function agentOf(person: Person, given: Given = {}) {
  const { client = "1.0.0", threadId = randomUUID(), path = "/ag-ui", messages = [] } = given;
  const tools = [...(given.tools ?? [])];
  const config = {
    url: `${person.url}${path}`,
    headers: { authorization: `Bearer ${person.credentials.access_token}` },
    threadId,
    initialMessages: JSON.parse(JSON.stringify(messages)),
  };
  const [agent, schema] =
    client === "1.0.0"
      ? [new HttpAgent(config), EventSchemas]
      : [new OldHttpAgent(config), OldEventSchemas];
  const events: Heard[] = [];
  const failures: Error[] = [];
  const listener = {
    onEvent({ event }: { event: object }) {
      schema.parse(event);
      events.push(Heard.parse(event));
    },
    onRunFailed: ({ error }: { error: Error }) => void failures.push(error),
  };
  return {
    agent,
    threadId,
    events,
    failures,
    types: () => events.map(({ type }) => type),
    /** What it takes to go on elsewhere. */
    messages: () => structuredClone(agent.messages),
    /** Waits until an event was heard. */
    heard: (type: string, name?: string) =>
      eventually(
        () => events.find((event) => event.type === type && (!name || event.name === name)),
        () => events.map((event) => event.type).join(" "),
      ),
    /** Says something, and waits for the run's end or the client's refusal. */
    async say(content: string, id: string = randomUUID()) {
      agent.addMessage({ id, role: "user", content });
      await this.goOn();
      return id;
    },
    /** Has the agent run with the messages that it has. */
    async goOn() {
      await agent.runAgent({ tools }, listener).catch((error: Error) => void failures.push(error));
    },
  };
}

export type TestAgent = ReturnType<typeof agentOf>;

const Texts = z.array(z.looseObject({ role: z.string(), content: z.unknown().optional() }));

/** @returns the text of the last answer that a client has. */
export function answerOf(messages: unknown): string {
  const answers = Texts.parse(messages).filter(
    ({ role, content }) => role === "assistant" && content,
  );
  return String(answers.at(-1)?.content ?? "");
}
