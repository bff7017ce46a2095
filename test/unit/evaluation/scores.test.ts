/** The scores that are kept: they meet every target, and the document says the same as they do. */
import { describe, expect, test } from "vitest";
import kept from "../../../bench/evaluation/scores/demo.json" with { type: "json" };
import { missedTargets, type Scores } from "../../../bench/evaluation/scores.ts";
import { textOf } from "../../documents/blocks.ts";

const scores: Scores = kept;
const { levers } = kept;

test("A hundred questions were asked, and every target was met", () => {
  expect(scores.questions).toBe(100);
  expect(scores.levers).not.toBeNull();
  expect(scores.false_savings_pct).not.toBeNull();
  expect(missedTargets(scores)).toEqual([]);
});

describe("A target is missed", () => {
  const outside = { ...levers, trim: { ...levers.trim, covered: false } };

  test.each<[string, Partial<Scores>]>([
    ["1 answers are wrong", { wrong: [{ asked: "What did we spend?", because: "it is less" }] }],
    ["1 runs are not whole", { incomplete_runs: 1 }],
    ["2 ungrounded figures", { ungrounded_figures: 2 }],
    ["3 decoys were fallen for", { decoys: 3 }],
    ["nothing was asked", { questions: 0 }],
    ["1 answers about savings have no portfolio", { without_portfolio: 1 }],
    ["0.51 % false savings", { false_savings_pct: 0.51 }],
    ["the truth of trim is outside its bounds", { levers: outside }],
  ])("where %s", (missed, changed) => {
    expect(missedTargets({ ...scores, ...changed })).toEqual([missed]);
  });
});

describe("docs/analysis.md says", () => {
  const told = textOf("docs/analysis.md").split("## Held to the truth")[1] ?? "";

  test.each([
    ["duplicates", levers.duplicates],
    ["right-size", levers.right_size],
    ["trim", levers.trim],
    ["prompt cache", levers.prompt_cache],
    ["batch", levers.batch],
    ["all together", levers.joint],
  ])("how far %s is from the truth", (lever, { error_pct, covered }) => {
    const error = `${error_pct < 0 ? "−" : "+"}${Math.abs(error_pct).toFixed(1)} %`;
    expect(told).toContain(`| ${lever} | ${error} | ${covered ? "yes" : "no"} |`);
  });

  test("what was invented, fallen for and claimed for nothing", () => {
    expect(told).toContain(`Figures without a source: ${kept.ungrounded_figures}`);
    expect(told).toContain(`quoted from labels of records that claim one: ${kept.quoted_figures}`);
    expect(told).toContain(`Decoys fallen for: ${kept.decoys}`);
    expect(told.replaceAll("\n", " ")).toContain(`${kept.false_savings_pct.toFixed(3)} % of its`);
  });
});
