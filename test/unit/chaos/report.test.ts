/** What the chaos bench says in the end: what it found is told, and a storm without a word proves nothing. */
import { expect, test } from "vitest";
import { asPage, asText, reportOf } from "../../../bench/chaos/report.ts";
import { NOTHING_STRUCK } from "../../../bench/chaos/state-control.ts";
import type { Aftermath } from "../../../bench/chaos/storm.ts";
import { LOG, WHOLE } from "./whole-conversation.ts";

const BEGUN_AT = Date.parse(LOG[0]?.context.timestamp ?? "");

const CALM: Aftermath = {
  conversations: [],
  evidence: [WHOLE],
  neverThere: [],
  outages: [{ killedAt: BEGUN_AT + 2_000, readyAt: BEGUN_AT + 5_000 }],
  failedStarts: 0,
  userNetwork: [{ kind: "silence", side: "client", afterBytes: 10, lastsMs: 40_000 }],
  modelNetwork: [],
  modelFaults: 3,
  stateFaults: { ...NOTHING_STRUCK, cache: 5 },
};

test("a storm through which every promise was kept says so, with what struck", async () => {
  const report = reportOf(CALM);
  expect(report).toMatchObject({ isKept: true, complaints: [] });
  const text = asText(report);
  expect(text).toMatch(/requests to KV +5\n/);
  // Of one value there is no 99th percentile.
  expect(text).toMatch(
    /kill → \/health answers: the server's own restart +3000 +highest 3000 +1\n/,
  );
  for (const kind of ["lost", "duplicated", "reordered", "leaked"]) {
    expect(text).toMatch(new RegExp(`${kind} +0$`, "m"));
  }
  const page = await asPage("seed 7", report);
  expect(page).toContain("<h2>Every promise was kept</h2>");
  expect(page.match(/<svg[^>]*viewBox/g)).toHaveLength(2);
});

test("what was lost is told in words and on the page, and is no success", async () => {
  const report = reportOf({ ...CALM, evidence: [{ ...WHOLE, log: LOG.slice(0, -1) }] });
  expect(report.isKept).toBe(false);
  expect(report.complaints.join()).toContain("lost: thread costs:");
  expect(await asPage("seed 7", report)).toContain("<h2>Not kept</h2>");
});

test.each<[string, Partial<Aftermath>]>([
  ["no kill of the product", { outages: [] }],
  ["no fault of the users' network", { userNetwork: [] }],
  ["no fault of the model", { modelFaults: 0 }],
  ["no fault of the state", { stateFaults: NOTHING_STRUCK }],
])("a storm with %s is none, however well all of it went", (what, calm) => {
  const report = reportOf({ ...CALM, ...calm });
  expect(report.isKept).toBe(false);
  expect(report.complaints.join()).toContain(`There was ${what}`);
});

test("a thread that was asked for and never there is told, and is no success", () => {
  const report = reportOf({ ...CALM, neverThere: ["eve@example.com"] });
  expect(report.isKept).toBe(false);
  expect(report.complaints.join()).toContain("eve@example.com");
});

test("a storm in which nothing was said is no success", () => {
  for (const evidence of [[], [{ ...WHOLE, accepted: [] }]]) {
    const report = reportOf({ ...CALM, evidence });
    expect(report.isKept).toBe(false);
    expect(asText(report)).toContain("There was no message that was accepted");
  }
});
