/** The workspace store over real D1: what is stated is kept, each workspace's apart. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { d1WorkspaceStore, MAX_EVALUATIONS } from "../../../src/usage/d1-workspace-store.ts";
import { PriceOverrides } from "../../../src/usage/price-overrides.ts";
import { type Evaluation, NO_PROFILE } from "../../../src/usage/workspace.ts";
import { standing } from "../../unit/usage/workspaces.ts";

const store = d1WorkspaceStore(env.DB);

beforeAll(() => standing(env.DB, "silent", "stated", "kept", "again", "paired", "crowded"));

function evaluation(changes: Partial<Evaluation> = {}): Evaluation {
  return {
    evaluation_set: "triage",
    item_id: "item-1",
    ts: Date.UTC(2026, 9, 20),
    feature: "tickets",
    from_model: "gpt-5.4",
    to_model: "gpt-5.4-mini",
    from_passed: 1,
    to_passed: 0,
    from_latency_ms: 900.5,
    to_latency_ms: null,
    ...changes,
  };
}

const pair = (workspaceId: string, evaluationSet: string | null = null) => ({
  workspaceId,
  fromModel: "gpt-5.4",
  toModel: "gpt-5.4-mini",
  evaluationSet,
});

describe("a workspace that is nobody's any more", () => {
  it("states nothing, and who says so for it is told", async () => {
    const forbidden = { code: "forbidden" };
    const price = {
      ...{ provider: "openai", model_pattern: "*", service_tier: "standard" },
      ...{ rates: { input: 1, cache_read: 0, cache_write: 0, output: 2 } },
      ...{ valid_from: "2026-10-01T00:00:00.000Z", valid_to: null, source: "contract" },
    };
    const prices = new PriceOverrides(env.DB, "nobody");
    await expect(store.saveProfile("nobody", NO_PROFILE)).rejects.toMatchObject(forbidden);
    await expect(store.saveEvaluations("nobody", [evaluation()])).rejects.toMatchObject(forbidden);
    await expect(prices.add(price, 0)).rejects.toMatchObject(forbidden);

    for (const table of ["usage_profiles", "usage_evaluations", "usage_prices"]) {
      const rows = env.DB.prepare(`SELECT * FROM ${table} WHERE workspace_id = 'nobody'`);
      expect((await rows.all()).results).toEqual([]);
    }
  });
});

describe("a workspace that stated nothing", () => {
  it("has the profile of nothing, and no evaluations", async () => {
    expect(await store.profile("silent")).toEqual(NO_PROFILE);
    expect(await store.evaluatedPairs("silent")).toEqual([]);
    expect(await store.evaluations(pair("silent"))).toEqual([]);
  });

  it("may save no evaluations at all", async () => {
    await store.saveEvaluations("silent", []);
    expect(await store.evaluatedPairs("silent")).toEqual([]);
  });
});

describe("a profile", () => {
  it("replaces the one before, and is nobody else's", async () => {
    await store.saveProfile("stated", { ...NO_PROFILE, name: "First", hourly_rate_usd: 90 });
    const second = { ...NO_PROFILE, implementation_hours: { batch: 12.5 }, monthly_budget_usd: 0 };
    await store.saveProfile("stated", second);
    expect(await store.profile("stated")).toEqual(second);
    expect(await store.profile("other")).toEqual(NO_PROFILE);
  });
});

describe("evaluations", () => {
  it("come back as they were saved, by set and item", async () => {
    const items = [
      evaluation({ item_id: "b", feature: null }),
      evaluation({ item_id: `o'clock "é" 🦊` }),
      evaluation({ item_id: "a", evaluation_set: "other", from_passed: 0, to_passed: 1 }),
    ];
    await store.saveEvaluations("kept", items);
    expect(await store.evaluations(pair("kept"))).toEqual([items[2], items[0], items[1]]);
    expect(await store.evaluations(pair("kept", "other"))).toEqual([items[2]]);
    expect(await store.evaluations({ ...pair("kept"), toModel: "gpt-5.4-nano" })).toEqual([]);
  });

  it("of the same item replace what was known of it", async () => {
    await store.saveEvaluations("again", [evaluation()]);
    const now = evaluation({ to_passed: 1, to_latency_ms: 300 });
    await store.saveEvaluations("again", [now]);
    expect(await store.evaluations(pair("again"))).toEqual([now]);
  });

  it("are counted by pair of models, set and feature", async () => {
    const items = ["1", "2", "3"].map((item_id) => evaluation({ item_id }));
    await store.saveEvaluations("paired", [...items, evaluation({ to_model: "gpt-5.4-nano" })]);
    const { from_model, evaluation_set, feature } = evaluation();
    const of = { from_model, evaluation_set, feature };
    expect(await store.evaluatedPairs("paired")).toEqual([
      { ...of, to_model: "gpt-5.4-mini", items: 3 },
      { ...of, to_model: "gpt-5.4-nano", items: 1 },
    ]);
    expect(await store.evaluatedPairs("unpaired")).toEqual([]);
  });

  it("are refused past what one question reads, with what to do", async () => {
    const many = Array.from({ length: MAX_EVALUATIONS + 1 }, (_, index) =>
      evaluation({ item_id: `item-${index}` }),
    );
    await store.saveEvaluations("crowded", many);
    await expect(store.evaluations(pair("crowded"))).rejects.toMatchObject({ code: "too_large" });
  });
});
