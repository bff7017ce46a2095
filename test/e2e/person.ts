/** A signed-in user of a product under test, with the raw HTTP behind the SDK at hand. */
import { randomUUID } from "node:crypto";
import { ApexClient } from "../../src/client/index.ts";
import { AcceptedMessage, Credentials, MessagePage } from "../../src/protocol/api.ts";
import { FinalStatus, type Message, Run, Thread } from "../../src/protocol/entities.ts";
import type { RunId, ThreadId } from "../../src/protocol/ids.ts";
import { eventually } from "./within.ts";

export interface Person {
  readonly url: string;
  readonly email: string;
  readonly credentials: Credentials;
  request(method: string, path: string, body?: unknown, headers?: object): Promise<Response>;
  newThread(): Promise<ThreadId>;
  /** Says something without following it. */
  say(threadId: ThreadId, content: string): Promise<AcceptedMessage>;
  run(id: RunId): Promise<Run>;
  /** Polls until the run has ended. @param milliseconds more than usual, for a whole team's work. */
  ended(id: RunId, milliseconds?: number): Promise<Run>;
  history(threadId: ThreadId): Promise<Message[]>;
  /** The SDK, signed in as the same user. */
  client(baseUrl?: string): Promise<ApexClient>;
}

/** Signs in a user whom nobody else is. @param more what else the sign-in says, as a tier. */
export async function newPerson(
  url: string,
  email = `${randomUUID()}@example.com`,
  more: object = {},
): Promise<Person> {
  const signIn = await fetch(`${url}/api/auth/dev-login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, tier: "enterprise", ...more }),
  });
  const credentials = Credentials.parse(await signIn.json());

  const request: Person["request"] = (method, path, body, headers) =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${credentials.access_token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  async function run(id: RunId): Promise<Run> {
    return Run.parse(await (await request("GET", `/api/runs/${id}`)).json());
  }

  return {
    url,
    email,
    credentials,
    request,
    async newThread() {
      return Thread.parse(await (await request("POST", "/api/threads", {})).json()).id;
    },
    async say(threadId, content) {
      const answer = await request("POST", `/api/threads/${threadId}/messages`, { content });
      return AcceptedMessage.parse(await answer.json());
    },
    run,
    async ended(id, milliseconds) {
      let last = await run(id);
      return await eventually(
        async () => {
          last = await run(id);
          return FinalStatus.safeParse(last.status).success ? last : undefined;
        },
        () => JSON.stringify(last),
        milliseconds,
      );
    },
    async history(threadId) {
      const answer = await request("GET", `/api/threads/${threadId}/messages?limit=100`);
      return MessagePage.parse(await answer.json()).data;
    },
    async client(baseUrl = url) {
      const client = new ApexClient({ baseUrl });
      await client.devLogin({ email, tier: "enterprise" });
      return client;
    },
  };
}
