/** The store's answers are remembered for as long as the workspace holds the same, and no longer. */
import { beforeEach, describe, expect, it } from "vitest";
import { rememberingStore } from "../../../src/usage/remembering-store.ts";
import type { Holdings, Scope, UsageStore } from "../../../src/usage/store.ts";
import { NO_USAGE } from "../../../src/usage/sums.ts";
import { absentStore } from "./absent-store.ts";

const scope: Scope = { workspaceId: "acme", from: 0, to: 10, filters: {} };
let asked: string[];
let held: Holdings | null;
let now: number;
let groups: UsageStore["groups"];
let store: UsageStore;

const holding = (records: number) => ({ first: 0, last: 9, records, imported: null });

beforeEach(() => {
  asked = [];
  held = holding(2);
  now = 0;
  groups = ({ from }, by) => {
    asked.push(`groups from ${from} by ${by.join()}`);
    return Promise.resolve([{ key: [], sums: NO_USAGE }]);
  };
  const inner = absentStore({
    extent: () => Promise.resolve(held),
    groups: (...question) => groups(...question),
    priceVersions: ({ workspaceId }) => {
      asked.push(`versions of ${workspaceId}`);
      return Promise.resolve([workspaceId]);
    },
    examples: (_, limit) => {
      asked.push(`${limit} examples`);
      return Promise.resolve(Array.from({ length: limit }, (_, index) => String(index)));
    },
  });
  store = rememberingStore(inner, { now: () => now });
});

describe("an answer is asked for again", () => {
  it("where nobody knows what the workspace holds", async () => {
    await store.priceVersions(scope);
    await store.priceVersions(scope);
    expect(asked).toHaveLength(2);
  });

  it.each<[string, () => void]>([
    ["once a record more is held", () => (held = holding(3))],
    ["once all are gone", () => (held = null)],
    ["after a minute", () => (now = 60_000)],
  ])("%s", async (_, change) => {
    await store.extent("acme");
    await store.priceVersions(scope);
    change();
    await store.extent("acme");
    await store.priceVersions(scope);
    expect(asked).toHaveLength(2);
  });

  it("where the question is another one, or another's", async () => {
    await store.extent("acme");
    await store.extent("other");
    await store.groups(scope, ["day"]);
    await store.groups(scope, ["model"]);
    await store.groups({ ...scope, from: 1 }, ["day"]);
    expect(await store.priceVersions(scope)).toEqual(["acme"]);
    expect(await store.priceVersions({ ...scope, workspaceId: "other" })).toEqual(["other"]);
    expect(asked).toHaveLength(5);
  });

  it("where it is too long to be kept", async () => {
    await store.extent("acme");
    await store.examples(scope, 501);
    await store.examples(scope, 501);
    expect(asked).toHaveLength(2);
  });

  it("where too many others were asked for since", async () => {
    await store.extent("acme");
    for (let from = 0; from <= 32; from++) await store.groups({ ...scope, from }, []);
    await store.groups({ ...scope, from: 32 }, []);
    expect(asked).toHaveLength(33);
    await store.groups(scope, []);
    expect(asked).toHaveLength(34);
  });
});

describe("an answer is given again", () => {
  it("while the workspace holds the same", async () => {
    await store.extent("acme");
    const first = await store.groups(scope, ["day"]);
    await store.extent("acme");
    expect(await store.groups(scope, ["day"])).toEqual(first);
    expect(asked).toEqual(["groups from 0 by day"]);
  });

  it("to all others for five seconds while one asks anew, whatever becomes of that", async () => {
    await store.extent("acme");
    await store.groups(scope, ["day"]);
    now = 60_000;
    await Promise.all([store.groups(scope, ["day"]), store.groups(scope, ["day"])]);
    expect(asked).toHaveLength(2);
    now = 120_000;
    groups = () => Promise.reject(new Error("away"));
    await expect(store.groups(scope, ["day"])).rejects.toThrow("away");
    now = 124_999;
    expect(await store.groups(scope, ["day"])).toHaveLength(1);
    now = 125_000;
    await expect(store.groups(scope, ["day"])).rejects.toThrow("away");
  });
});
