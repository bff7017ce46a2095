/** Whose usage records a run works on: its sender's team's, whichever way the message came, or the sender's own. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { threadObjectName } from "../../../src/durable/names.ts";
import { foundTeam } from "../http/team.ts";
import { eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

/** Checks the workspaces of a thread's runs, as its object keeps them: which it does once they have ended. */
async function expectWorkspaces({ owner, threadId }: Conversation, expected: string[]) {
  const object = env.THREADS.getByName(threadObjectName(owner.user.id, threadId));
  const query = "SELECT workspace_id FROM runs ORDER BY accepted_seq";
  await eventually(async () => {
    const rows = await runInDurableObject(object, (_, { storage }) =>
      storage.sql.exec(query).toArray(),
    );
    expect(rows).toEqual(expected.map((workspace_id) => ({ workspace_id })));
  });
}

it("is the team's, over a socket and by POST", async () => {
  const admin = await foundTeam();
  const thread = await beginThread(admin);
  const client = await thread.connect();
  const { run_id } = await client.say("over a socket");
  (await model.turn("over a socket")).end("Done.");
  await client.completed(run_id);
  await thread.ask("/messages", { body: { content: "by POST" } });
  (await model.turn("by POST")).end("Done.");
  await expectWorkspaces(thread, [admin.team.id, admin.team.id]);
});

it("is the sender's own without a team", async () => {
  const thread = await beginThread();
  await thread.ask("/messages", { body: { content: "alone" } });
  (await model.turn("alone")).end("Done.");
  await expectWorkspaces(thread, [thread.owner.user.id]);
});
