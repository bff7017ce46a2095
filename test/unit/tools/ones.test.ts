/** Every tool over one of everything: nothing that it says is of "1 records". */
import { expect, test } from "vitest";
import { z } from "zod";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { Json } from "../../../src/protocol/json.ts";
import { toolCatalog } from "../../../src/tools/catalog.ts";
import { withUnfinishedImports } from "../../../src/tools/unfinished-imports.ts";
import type { UsageRecord } from "../../../src/usage/record.ts";
import { NO_PROFILE } from "../../../src/usage/workspace.ts";
import { absentWorkspaces } from "../usage/absent-store.ts";
import { memoryStore } from "../usage/memory-store.ts";
import { usageRecord } from "../usage/records.ts";
import { toolContext } from "./context.ts";

/** "1 records", "1 whole days", "1 of 1 assessed days". */
const ONE_OF_MANY =
  /(?<![\d.,$])1 (?:[a-z]+ ){0,2}(?:attempts|calls|days|hours|items|models|months|records|requests|steps|tokens)\b/;

const HOUR = 3_600_000;
const start = Date.UTC(2026, 9, 20);
const own = (changes: Partial<UsageRecord> = {}) =>
  usageRecord({ workspace_id: "user-1", ts: start, input_tokens: 1, output_tokens: 0, ...changes });

/** Which records there are one of. */
const WORLDS: Readonly<Record<string, readonly UsageRecord[]>> = {
  "one call": [own()],
  "one day": [own(), own({ record_id: "latest", ts: start + 24 * HOUR - 1 })],
  "one failure, and one call made again": [
    own({ status: "error", error_type: "timeout" }),
    own({ record_id: "first", logical_request_id: "request", attempt: 1 }),
    own({ record_id: "second", logical_request_id: "request", attempt: 2 }),
  ],
  "one record without a price": [own({ request_model: "unheard-of" })],
  "one failure without a price": [
    own({ status: "error", error_type: "timeout", request_model: "unheard-of" }),
  ],
  "one sum of one call, and one of an unknown number": [
    own({ granularity: "bucket", n_requests: 1 }),
    own({ record_id: "unknown", granularity: "bucket", n_requests: 0 }),
  ],
};

const ARGUMENTS: Readonly<Record<string, Json>> = {
  spend_forecast: { horizon_days: 1 },
  budget_alert: { limit_usd: 1 },
  commitment_utilisation: { capacity_tokens_per_hour: 1, hourly_price_usd: 1 },
  rightsize_simulate: { from: "gpt-5.4", to: "gpt-5.4-mini" },
  duplicate_response_opportunity: { ttl_hours: 1 },
};

test.each(Object.keys(WORLDS))("of %s", async (name) => {
  const records = WORLDS[name] ?? [];
  const latest = Math.max(...records.map(({ ts }) => ts));
  const clock: Clock = { ...systemClock, now: () => latest + 40 * 24 * HOUR };
  const workspaces = absentWorkspaces({
    profile: () => Promise.resolve(NO_PROFILE),
    evaluatedPairs: () => Promise.resolve([]),
    evaluations: () => Promise.resolve([]),
  });
  const catalog = toolCatalog({ usage: memoryStore(records), workspaces, clock });
  const cut = { import_id: "cut", status: "incomplete", under_way: false, stored: 1 } as const;
  const told: string[] = [];
  for (const inner of catalog) {
    const tool = withUnfinishedImports(inner, async () => [cut]);
    const args = ARGUMENTS[tool.name] ?? {};
    const window = { last_days: 1 };
    told.push(tool.describeCall({ ...z.looseObject({}).parse(args), window }));
    const { output, findings } = await tool.execute(args, toolContext());
    const { summary, assumptions } = z
      .object({ summary: z.string(), assumptions: z.array(z.string()) })
      .parse(output);
    told.push(summary, ...assumptions, ...findings.map((finding) => finding.name));
  }
  expect(told.length).toBeGreaterThan(5 * catalog.length);
  expect(told.filter((text) => ONE_OF_MANY.test(text))).toEqual([]);
});
