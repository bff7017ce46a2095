/** What a sender may do bounds what comes of a message: whether there is a run, and which tools it has. */

import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { supervisor } from "../../../src/agents/supervisor.ts";
import { makeKey } from "../http/api-key.ts";
import { ask, problemOf } from "../http/ask.ts";
import { knock } from "../http/knock.ts";
import { beginThread, type Conversation, clientOf } from "./conversation.ts";
import { type HeldModel, type HeldTurn, holdModel } from "./held-model.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

const toolsOf = ({ request }: HeldTurn) => request.tools.map(({ name }) => name);

/** @returns a socket of a key with these scopes, beside reading. */
async function socketWith(thread: Conversation, ...scopes: string[]) {
  const { key } = await makeKey(thread.owner, ["threads:read", ...scopes]);
  return clientOf(await knock(`${thread.path}/socket`, { token: key }));
}

describe("who may only read", () => {
  it("opens a socket, and neither begins nor stops a run over it", async () => {
    const thread = await beginThread();
    const owner = await thread.connect();
    const { run_id } = await owner.say("held");
    const reader = await socketWith(thread, "runs:read");

    for (const command of [
      { type: "user_message", content: "may I?", client_message_id: "mine" },
      { type: "cancel", run_id },
      { type: "cancel" },
    ]) {
      const { problem, ...about } = await reader.refused(command);
      expect(problem).toMatchObject({
        code: "forbidden",
        detail: "This needs the permission runs:write.",
      });
      expect(about.command).toBe(command.type);
    }
    await reader.answers();
    (await model.turn("held")).end("Done.");
    expect((await reader.completed(run_id)).data.status).toBe("completed");
    expect(await thread.rowCounts()).toMatchObject({ runs: 1 });
  });

  it("is refused a message over HTTP, and so is who may not read a socket", async () => {
    const thread = await beginThread();
    const { key } = await makeKey(thread.owner, ["runs:write", "tools:*"]);
    const reader = await makeKey(thread.owner, ["threads:read"]);
    const body = { content: "may I?" };

    expect(await problemOf(await knock(`${thread.path}/socket`, { token: key }))).toMatchObject({
      code: "forbidden",
      detail: "This needs the permission threads:read.",
    });
    expect((await thread.ask("/messages", { body, token: reader.key })).status).toBe(403);
    expect((await thread.ask("/messages", { body, token: key })).status).toBe(202);
    (await model.turn("may I?")).end("You may.");
  });
});

describe("a run", () => {
  it("has no tool its sender may not call: asked for one, its agent says that there is none", async () => {
    const thread = await beginThread();
    const sender = await socketWith(thread, "runs:write");
    const { run_id } = await sender.say("What do we spend?");
    const turn = await model.turn("What do we spend?");
    expect(toolsOf(turn)).toEqual([]);
    turn.call("usage_summary", {});
    turn.end();

    const { data } = await sender.frame("tool_completed");
    expect(data).toMatchObject({ status: "failed", problem: { code: "tool_failed" } });
    expect(data.problem?.detail).toBe(
      'There is no tool "usage_summary" here. Tools of this agent: none.',
    );
    (await model.turn("What do we spend?", 2)).end("I can't tell.");
    expect((await sender.completed(run_id)).data.status).toBe("completed");
  });

  it("has the tools that its sender may call by name, over a socket as over HTTP", async () => {
    const thread = await beginThread();
    const scopes = ["runs:write", "tools:cost_breakdown", "tools:unheard_of"];
    const sender = await socketWith(thread, ...scopes);
    const { run_id } = await sender.say("over a socket");
    const turn = await model.turn("over a socket");
    expect(toolsOf(turn)).toEqual(["cost_breakdown", "delegate"]);
    turn.call("cost_breakdown", {});
    turn.end();
    (await model.turn("over a socket", 2)).end("So much.");
    await sender.completed(run_id);
    expect((await sender.frame("tool_completed")).data.status).toBe("succeeded");

    const { key } = await makeKey(thread.owner, scopes);
    await ask(`${thread.path}/messages`, { token: key, body: { content: "over HTTP" } });
    const posted = await model.turn("over HTTP");
    expect(toolsOf(posted)).toEqual(["cost_breakdown", "delegate"]);
    posted.end("So much.");
  });

  it("has the same tools when it is taken up again after the death of its object", async () => {
    const thread = await beginThread();
    const sender = await socketWith(thread, "runs:write", "tools:cost_breakdown");
    const { run_id } = await sender.say("through a death");
    await model.turn("through a death");
    await thread.die();
    model = await holdModel();
    await thread.alarm();
    const turn = await model.turn("through a death");
    expect(toolsOf(turn)).toEqual(["cost_breakdown", "delegate"]);
    turn.end("Still here.");

    const again = await thread.connect();
    expect((await again.completed(run_id)).data.status).toBe("completed");
  });

  it("of one sender has that one's tools, whoever else sends in the thread", async () => {
    const thread = await beginThread();
    const bounded = await socketWith(thread, "runs:write");
    const owner = await thread.connect();
    await bounded.say("of the bounded one");
    await owner.say("of the owner");
    const first = await model.turn("of the bounded one");
    expect(toolsOf(first)).toEqual([]);
    first.end("Nothing.");
    const second = await model.turn("of the owner");
    expect(new Set(toolsOf(second))).toEqual(new Set([...supervisor.tools, "delegate"]));
    second.end("Everything.");
  });

  it("of a sender who sleeps with the object keeps its bounds: the socket remembers what was granted", async () => {
    const thread = await beginThread();
    const sender = await socketWith(thread, "runs:write", "tools:usage_summary");
    await sender.answers();
    await evictDurableObject(thread.object);
    await sender.say("after a sleep");
    const turn = await model.turn("after a sleep");
    expect(toolsOf(turn)).toEqual(["usage_summary", "delegate"]);
    turn.end("Good morning.");
  });
});
