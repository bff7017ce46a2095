/** A tool on a team's records: for whom is in the team when it is called, and for nobody else. */
import { expect, test, vi } from "vitest";
import { ApexError } from "../../../src/protocol/errors.ts";
import { membersOnly } from "../../../src/tools/members-only.ts";
import { FINDING, toolOf } from "../core/scripted-tools.ts";
import { toolContext } from "./context.ts";

const ANSWER = { output: { value: 12.5 }, findings: [FINDING] };

function toolAsked(isOwn: () => Promise<boolean>) {
  const execute = vi.fn(async () => ANSWER);
  const ask = vi.fn(isOwn);
  return { execute, ask, tool: membersOnly(toolOf({ execute }), ask) };
}

test("who is in the team no more is refused before any record is read", async () => {
  const { execute, tool } = toolAsked(async () => false);
  await expect(tool.execute({}, toolContext())).rejects.toMatchObject({ code: "forbidden" });
  expect(execute).not.toHaveBeenCalled();
});

test("nobody is let in while it is not known who is in the team", async () => {
  const { execute, tool } = toolAsked(async () => {
    throw new ApexError("unavailable", "D1 does not answer.");
  });
  await expect(tool.execute({}, toolContext())).rejects.toMatchObject({ code: "unavailable" });
  expect(execute).not.toHaveBeenCalled();
});

test("a member is answered, and is asked for at every call anew", async () => {
  const { ask, tool } = toolAsked(async () => true);
  const context = toolContext();
  expect(await tool.execute({}, context)).toEqual(ANSWER);
  await tool.execute({}, context);
  expect(ask.mock.calls).toEqual(Array(2).fill([context.userId, context.workspaceId]));
});
