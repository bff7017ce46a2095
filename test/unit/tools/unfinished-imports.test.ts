/** Figures that stand on half a file say so, in their assumptions and in words. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { Json } from "../../../src/protocol/json.ts";
import {
  type UnfinishedImport,
  withUnfinishedImports,
} from "../../../src/tools/unfinished-imports.ts";
import { usageSummary } from "../../../src/tools/usage-summary.ts";
import { absentWorkspaces } from "../usage/absent-store.ts";
import { memoryStore } from "../usage/memory-store.ts";
import { usageRecord } from "../usage/records.ts";
import { toolContext } from "./context.ts";

const Answer = z.looseObject({ assumptions: z.array(z.string()), summary: z.string() });
const own = toolContext().workspaceId;
/** It stands still: two answers of one moment are compared. */
const NOW = systemClock.now();
const clock: Clock = { ...systemClock, now: () => NOW };
const november: UnfinishedImport = {
  import_id: "november",
  status: "incomplete",
  under_way: false,
  stored: 4_000,
};
const SAID = "The import november is incomplete: 4,000 records of it count so far.";

async function ask(imports: readonly UnfinishedImport[], args: Json = {}) {
  const usage = memoryStore([usageRecord({ workspace_id: own, record_id: "mine" })]);
  const plain = usageSummary({ usage, workspaces: absentWorkspaces(), clock });
  const asked: string[] = [];
  const tool = withUnfinishedImports(plain, async (workspaceId, limit) => {
    asked.push(workspaceId);
    return imports.slice(0, limit);
  });
  const [{ output, findings }, before] = await Promise.all([
    tool.execute(args, toolContext()),
    plain.execute(args, toolContext()),
  ]);
  return { answer: Answer.parse(output), findings, before, asked };
}

describe("an answer about one's own workspace", () => {
  test("names the import that is incomplete, and how much of it counts", async () => {
    const { answer, findings, before, asked } = await ask([november]);
    const plain = Answer.parse(before.output);
    expect(asked).toEqual([own]);
    expect(answer.assumptions).toEqual([...plain.assumptions, SAID]);
    expect(answer.summary).toBe(`${SAID}\n\n${plain.summary}`);
    expect({ ...answer, assumptions: plain.assumptions, summary: plain.summary }).toEqual(plain);
    expect(findings).toEqual([
      ...before.findings,
      expect.objectContaining({ value: 4_000, unit: "records", n_records: 4_000 }),
    ]);
  });

  test("does not call one incomplete that is being sent", async () => {
    const { answer, findings } = await ask([{ ...november, under_way: true, stored: 1 }]);
    expect(answer.summary).toMatch(
      /^The import november is under way: 1 record of it counts so far\./,
    );
    expect(findings.at(-1)?.name).toBe("records of the import under way, november");
  });

  test("says of one that is being taken back that its records may still count", async () => {
    const { answer } = await ask([{ ...november, status: "rolling_back" }]);
    expect(answer.summary).toMatch(
      /^The import november is taken back in part: some of its 4,000 /,
    );
  });

  test("names three of many", async () => {
    const many = Array.from({ length: 9 }, (_, nth) => ({ ...november, import_id: `n${nth}` }));
    const { answer } = await ask(many);
    const told = answer.assumptions.filter((each) => each.includes("is incomplete"));
    expect(told).toHaveLength(3);
    expect(answer.assumptions.at(-1)).toMatch(/^There are more imports that are not complete/);
  });

  test("is as it was where every import is whole", async () => {
    const { answer, findings, before } = await ask([]);
    expect({ output: answer, findings }).toEqual(before);
  });
});

test("an answer about the sample company says nothing of one's own imports, and asks for none", async () => {
  const { answer, before, asked } = await ask([november], { workspace: "sample" });
  expect(answer).toEqual(before.output);
  expect(asked).toEqual([]);
});
