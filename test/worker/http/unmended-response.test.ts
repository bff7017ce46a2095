/** A response whose maker was gone before its answer was mended: whoever retrieves it has that done, if they may. */
import { expect, it } from "vitest";
import { z } from "zod";
import { Grant } from "../../../src/durable/grant.ts";
import type { CallerContext } from "../../../src/protocol/caller.ts";
import { beginThread, type Conversation } from "../thread/conversation.ts";
import { ask, begin } from "./ask.ts";
import { tokenWith } from "./scoped-token.ts";

const Response = z.looseObject({
  status: z.string(),
  error: z.looseObject({ message: z.string() }),
});

const SENDER = Grant.parse({
  ...{ scopes: ["runs:write"], tier: "enterprise" },
  ...{ organizationId: null, voucherId: "of-the-maker" },
});

/** What a door brings along for an answer that has to be JSON, which no answer of the demo model is. */
const CALLER: CallerContext = {
  instructions: "Give JSON alone.",
  before: [],
  after: [],
  tools: [],
  request: JSON.stringify({
    format: { type: "json_object" },
    previous_response_id: null,
    metadata: {},
  }),
};

/** @returns the id of a response that nobody follows. */
async function abandoned(thread: Conversation): Promise<string> {
  const message = { content: "Which team costs most?" };
  const outcome = await thread.object.postMessage(message, SENDER, CALLER);
  if (!outcome.ok) throw new Error("It was not taken.");
  return `resp_${outcome.value.run_id}`;
}

async function retrieved(id: string, token: string) {
  const path = `/v1/responses/${id}`;
  // Of a run that is under way it would only be told that it is.
  const { answer, settled } = begin(`${path}?stream=true`, { token });
  await (await answer).text();
  await settled();
  return Response.parse(await (await ask(path, { token })).json());
}

it("is mended once when it is retrieved, however often that is", async () => {
  const thread = await beginThread();
  const id = await abandoned(thread);
  const { access_token: token } = thread.owner;
  const told = await retrieved(id, token);
  const again = await retrieved(id, token);

  expect(told).toMatchObject({ status: "failed" });
  expect(told.error.message).toContain("also when it was asked for once more");
  expect(again).toEqual(told);
  expect((await thread.rowCounts()).runs).toBe(2);
});

it("is not mended for somebody who may begin no runs", async () => {
  const thread = await beginThread();
  const id = await abandoned(thread);
  const told = await retrieved(id, await tokenWith(thread.owner, ["runs:read"]));

  expect(told.error.message).not.toContain("once more");
  expect((await thread.rowCounts()).runs).toBe(1);
});
