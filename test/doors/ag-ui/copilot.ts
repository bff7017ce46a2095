/** CopilotKit's core, signed in as somebody at a product: no server of its own between them. */
import { randomUUID } from "node:crypto";
import { CopilotKitCore } from "@copilotkit/core";
import type { Person } from "../../e2e/person.ts";
import { eventually } from "../../e2e/within.ts";

/** @returns a core that knows the server's agents, and one of them in a thread. */
export async function copilot(of: Person, threadId: string = randomUUID(), name = "default") {
  const errors: Error[] = [];
  const core = new CopilotKitCore({
    runtimeUrl: `${of.url}/ag-ui`,
    headers: { authorization: `Bearer ${of.credentials.access_token}` },
  });
  core.subscribe({ onError: ({ error }) => void errors.push(error) });
  const agent = await eventually(
    () => core.getAgent(name),
    () => `no agent: ${errors.map(String)}`,
  );
  agent.threadId = threadId;
  const types: string[] = [];
  agent.subscribe({ onEvent: ({ event }) => void types.push(event.type) });
  return {
    core,
    agent,
    types,
    errors,
    threadId,
    async say(content: string) {
      agent.addMessage({ id: randomUUID(), role: "user", content });
      await core.runAgent({ agent });
    },
    heard: (type: string) =>
      eventually(
        () => (types.includes(type) ? true : undefined),
        () => types.join(" "),
      ),
  };
}
