/** The steps and recommendations of a report as one list. */
import { expect, test } from "vitest";
import { planItems } from "../../../../src/web/report/plan-items.ts";
import { REPORT } from "./sample-report.ts";

test("a step and its recommendation are one thing to do, by the facts they share", () => {
  const [first] = planItems(REPORT);
  expect(first).toMatchObject({
    key: "step-1",
    step: { owner: "Team search" },
    recommendation: { latency_effect: "better" },
    facts: ["plan.cache", "roi.cache"],
    surelyUsd: 250,
  });
});

test("what is not planned follows, and is sure of nothing where its low bound isn't", () => {
  const [, ...others] = planItems(REPORT);
  expect(others).toMatchObject([
    { key: "recommendation-2", step: null, surelyUsd: 0 },
    { key: "recommendation-3", step: null, surelyUsd: 0 },
  ]);
});

test("a step that no recommendation is about stands alone", () => {
  const items = planItems({ ...REPORT, recommendations: [] });
  expect(items).toMatchObject([{ key: "step-1", recommendation: null, facts: ["plan.cache"] }]);
});
