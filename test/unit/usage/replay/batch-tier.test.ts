/** The lever of the batch tier: who can wait, who cannot, and who only looks as if. */
import { describe, expect, it } from "vitest";
import type { UsageRecord } from "../../../../src/usage/record.ts";
import { batchOpportunity } from "../../../../src/usage/replay/batch-opportunity.ts";
import { atOnce } from "./at-once.ts";
import { call, callsAt, SPAN, workloadOf } from "./workloads.ts";

const patient = { interactive: 0, deadline_h: 24 } as const;

function found(records: readonly UsageRecord[]) {
  return atOnce(batchOpportunity(workloadOf(records), SPAN));
}

describe("a call stays in its tier", () => {
  it.each<[string, Partial<UsageRecord>]>([
    [
      "where a person waits, at night too",
      { ...patient, interactive: 1, ts: SPAN.from + 3_600_000 },
    ],
    ["where it is due in twelve hours", { ...patient, deadline_h: 12 }],
    ["where it is in a batch already", { ...patient, service_tier: "batch" }],
    ["where its tier is none of the list's", { ...patient, service_tier: "priority" }],
    ["where it has no price", { ...patient, request_model: "self-made" }],
  ])("%s", (_, changes) => {
    expect(found([call(changes)])).toMatchObject({
      saving: { usd: 0, records: 0 },
      candidates: { usd: 0 },
    });
  });
});

describe("a call moves to the batch tier", () => {
  it("where nobody waits and a day is left, at half the price", () => {
    expect(found([call(patient)])).toMatchObject({
      saving: { usd: 5, records: 1 },
      estimate: { value: 5, low: 5, high: 5 },
      notAssessable: null,
    });
  });

  it("only as a candidate where nobody said so", () => {
    const silent = call({ record_id: "silent", interactive: null, deadline_h: null });
    const streamed = call({ record_id: "streamed", request_stream: 1 });
    const named = call({ record_id: "named", user_hash: "user-1" });
    const { saving, candidates } = found([silent, streamed, named]);
    expect(saving.usd).toBe(0);
    expect(candidates).toMatchObject({ usd: 5, records: 1 });
  });

  it.each<[string, readonly UsageRecord[], RegExp]>([
    ["no record says who waits", [call()], /interactive and deadline_h/],
    [
      "some say that somebody waits, and the others nothing",
      [call({ interactive: 1 }), call({ record_id: "silent" })],
      /interactive and deadline_h/,
    ],
    [
      "no record that nobody waits for says when it is due",
      [call({ interactive: 0 }), call({ record_id: "due", interactive: 1, deadline_h: 48 })],
      /when it is due\. Records with deadline_h/,
    ],
    ["there is no call", [], /interactive and deadline_h/],
  ])("and it is not assessable where %s", (_, records, reason) => {
    expect(found(records).notAssessable).toMatch(reason);
  });

  it("or none does, as all of them say", () => {
    expect(found(callsAt([0, 1], { interactive: 1 }))).toMatchObject({
      saving: { usd: 0 },
      notAssessable: null,
    });
    const hurried = call({ record_id: "hurried", interactive: 0, deadline_h: 1 });
    expect(found([call(), hurried]).notAssessable).toBeNull();
  });
});

describe("flags that may be mistakes", () => {
  const minutes = Array.from({ length: 9 }, (_, minute) => minute);

  it("widen the bounds upwards where one of ten says that somebody waits", () => {
    const wrong = callsAt([20], { ...patient, interactive: 1 });
    expect(found([...callsAt(minutes, patient), ...wrong]).estimate).toEqual({
      value: 45,
      low: 45,
      high: 50,
    });
  });

  it("widen them downwards where one of ten says that nobody does", () => {
    const chat = callsAt(minutes, { interactive: 1 });
    expect(found([...chat, ...callsAt([20], patient)]).estimate).toEqual({
      value: 5,
      low: 0,
      high: 5,
    });
  });
});
