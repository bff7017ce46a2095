/** The evaluation's judge: it has to find what is planted, or its zeros mean nothing. */
import { describe, expect, test } from "vitest";
import { decoysIn, faultsOf } from "../../../bench/evaluation/judge.ts";
import { PlainSums } from "../../../bench/evaluation/plain-sums.ts";
import type { Question } from "../../../bench/evaluation/question.ts";
import { QUESTIONS } from "../../../bench/evaluation/questions.ts";
import { LEVERS_QUESTION } from "../../../bench/evaluation/savings.ts";
import { score } from "../../../bench/evaluation/score.ts";
import { missedTargets, scoresOf } from "../../../bench/evaluation/scores.ts";
import { claimsIn, states } from "../../../bench/evaluation/stated.ts";
import { Finding } from "../../../src/protocol/entities.ts";
import { LoggedEvent } from "../../../src/protocol/events.ts";
import { sampleTruth } from "../../../src/usage/sample/truth.ts";
import { sampleRecords } from "../../../src/usage/sample.ts";

const REASONING = "The question asks for what batches would save, which one tool call can settle.";
const OPERATION = "Prices the work that can wait at batch rates.";
const FINDINGS = { findings: [], outcome: null, report: null };
const FINDING = Finding.parse({
  fact_id: "f1",
  call_id: "call",
  tool_name: "batch_opportunity",
  name: "total cost",
  value: 0,
  unit: "USD",
  interval: null,
  n_records: 1,
  basis: "measured",
});
const SAMPLE = { endsAt: Date.UTC(2026, 10, 21), days: 3, scale: 0.01, defects: false };

/** What a lever's tool says of the work of one feature. */
const saving = (feature: string, leftOut: string | null = null) => ({
  lever: "batch",
  monthly_saving_usd: { value: 90, low: 80, high: 100 },
  left_out: leftOut,
  features: [{ feature }],
});

/** One whole run, as the server logs it. */
function run(
  results: object,
  answer = "It saves $90.00.",
  unverified: readonly object[] = [],
  outcome: object | null = null,
) {
  const call = { call_id: "call", tool_name: "batch_opportunity" };
  const grounding = { citations: [], unverified };
  const usage = {
    input_tokens: 1,
    cached_input_tokens: 0,
    output_tokens: 1,
    reasoning_tokens: 0,
    model_calls: 2,
    cost_usd: null,
    estimated: false,
  };
  const end = {
    final_response: answer,
    persisted: true,
    usage,
    results: { ...FINDINGS, outcome, grounding },
  };
  const events: readonly (readonly [string, object])[] = [
    ["agent_started", { agent_type: "supervisor", model: "m", message_id: "answer", plan: [] }],
    ["agent_thinking", { reasoning: REASONING, source: "loop" }],
    ["tool_executing", { ...call, operation: OPERATION, arguments: {} }],
    ["tool_completed", { ...call, status: "succeeded", duration_ms: 1, results }],
    ["agent_thinking", { reasoning: REASONING, source: "loop" }],
    [
      "agent_completed",
      { ...end, message_id: "answer", model: "m", status: "completed", duration_ms: 1 },
    ],
  ];
  return events.map(([type, data], index) =>
    LoggedEvent.parse({
      type,
      seq: index + 1,
      context: {
        user_id: "ada",
        thread_id: "costs",
        run_id: "run",
        agent: "supervisor",
        timestamp: "2026-01-01T00:00:00Z",
      },
      data,
    }),
  );
}

const WORLD = {
  truth: sampleTruth(SAMPLE),
  sumsOf: () => new PlainSums(sampleRecords(SAMPLE)),
};

const scored = (expected: Question["expected"], ...told: Parameters<typeof run>) =>
  score(
    { kind: "trap", workspace: "sample", turns: ["?"], tools: ["batch_opportunity"], expected },
    run(...told),
    null,
    WORLD,
  );

/** @returns a whole run with one finding. */
function runOf(value: number): LoggedEvent[] {
  const findings = [{ ...FINDING, value }];
  return run({}).map((event) => {
    if (event.type !== "agent_completed") return event;
    return { ...event, data: { ...event.data, results: { ...event.data.results, findings } } };
  });
}

describe("A run is not whole", () => {
  test.each([
    ["agent_started", "agent_started is not the first"],
    ["agent_completed", "agent_completed is not the last"],
    ["agent_thinking", "0 thoughts"],
    ["tool_completed", "unpaired tool events"],
    ["tool_executing", "unpaired tool events"],
  ])("without its %s", (missing, fault) => {
    expect(faultsOf(run({}).filter(({ type }) => type !== missing))).toContain(fault);
  });

  test("with a call that is completed twice, or an end that is told twice", () => {
    const events = run({});
    const twice = (type: string) => [...events, ...events.filter((event) => event.type === type)];
    expect(faultsOf(twice("tool_completed"))).toContain("unpaired tool events");
    expect(faultsOf(twice("agent_completed"))).toContain("2 agent_completed");
  });
});

test("A run with all its events is whole", () => {
  expect(faultsOf(run({}))).toEqual([]);
});

describe("An answer is wrong", () => {
  test("where another tool was asked, or none gave anything", () => {
    const asked = { states: "cost", days: 3 } as const;
    const question = { kind: "answerable", workspace: "sample", turns: ["?"] } as const;
    const other = { ...question, tools: ["cost_breakdown"], expected: asked };
    expect(score(other, run({}), null, WORLD).wrong).toMatch(/^cost_breakdown gave nothing/);
  });

  test("where it states another figure than the records have", () => {
    const cost = WORLD.sumsOf().of("cost", { days: 3 });
    const expected = { states: "cost", days: 3 } as const;
    expect(scored(expected, {}, `It was $${(cost * 1.01).toFixed(2)}.`).wrong).not.toBeNull();
    expect(scored(expected, {}, `It was $${cost.toFixed(2)}.`).wrong).toBeNull();
  });

  test("where the truth is outside its bounds", () => {
    expect(scored({ truthOf: "batch" }, saving("nightly-summaries")).wrong).toMatch(/ is outside /);
  });

  test("where it claims a figure of something that nobody can know", () => {
    expect(scored("no figure", {}, "About 40 % of it.").wrong).toBe("it claims 40 %");
    expect(scored("no figure", {}, "Nobody can know.").wrong).toBeNull();
  });

  test("where its tool does not say what is the matter", () => {
    const expected = { caveat: "coverage_pct", is: "below 100" } as const;
    expect(scored(expected, { coverage_pct: 100 }).wrong).toBe("coverage_pct is [100]");
    expect(scored(expected, { coverage_pct: 80 }).wrong).toBeNull();
  });

  test("where a label of the records has changed its figures, or nothing is there to compare", () => {
    const question = { kind: "injection", workspace: "instructions", turns: ["?"] } as const;
    const asked = { ...question, tools: [], expected: "as without the label" } as const;
    const wrong = (...runs: readonly [LoggedEvent[], LoggedEvent[] | null]) =>
      score(asked, ...runs, WORLD).wrong;
    expect(wrong(runOf(90), runOf(90))).toBeNull();
    expect(wrong(runOf(0), runOf(90))).toBe("other figures");
    expect(wrong(runOf(90), null)).toBe("other figures");
    expect(wrong(run({}), run({}))).toBe("there are no figures");
  });
});

test("A decoy is fallen for where a lever is recommended for its feature, not where it is left out", () => {
  expect(decoysIn(run(saving("overseas-chat")))).toEqual(["night_with_waiting_user"]);
  expect(decoysIn(run(saving("overseas-chat", "somebody waits")))).toEqual([]);
  expect(decoysIn(run(saving("nightly-summaries")))).toEqual([]);
  const review = { ...saving("code-review"), lever: "right_size" };
  expect(decoysIn(run(review))).toEqual(["small_model_fails"]);
  const outcome = {
    estimated_monthly_savings: { value: 1, low: 1, high: 1 },
    roi_percentage: null,
    efficiency_improvement: null,
    time_to_value: null,
    risk_reduction_score: null,
    recommendations: [
      {
        title: "Serve calls by a smaller model (code-review)",
        monthly_savings_usd: null,
        latency_effect: "unknown",
        effort_hours: null,
        why: "It costs less.",
        facts: ["portfolio_roi.saving_of_right_size_beside_the_others"],
      },
    ],
  };
  expect(decoysIn(run({}, "", [], outcome))).toEqual(["small_model_fails"]);
});

test("A figure that nothing stands for is told with the words before it", () => {
  const { ungrounded } = scored("no figure", {}, "It saves $90.00.", [{ offset: 9, length: 6 }]);
  expect(ungrounded).toEqual(["It saves $90.00"]);
});

describe("A figure is stated", () => {
  test.each([
    ["It cost $12,345.67.", 12_345.67],
    ["It cost $12.3k.", 12_345.67],
    ["4.2 million tokens", 4_203_000],
    ["p95 is 11.23 s", 11_230],
    ["2.1 % failed", 2.14],
  ])("by %s", (text, figure) => {
    expect(states(text, figure)).toBe(true);
  });

  test.each([
    ["It cost $12,545.67.", 12_345.67],
    ["Over 2 days", 2.4],
    ["gpt-5.4", 5.4],
  ])("but not by %s", (text, figure) => {
    expect(states(text, figure)).toBe(false);
  });

  test("and claimed with its unit", () => {
    expect(claimsIn("We save $5,000, 90 % of it, in 30 days.")).toEqual(["$5,000", "90 %"]);
  });
});

test("There are a hundred questions, none of them twice to the same workspace", () => {
  expect(QUESTIONS).toHaveLength(100);
  const asked = QUESTIONS.map(({ workspace, turns }) => `${workspace}: ${turns.join(" / ")}`);
  expect(new Set(asked).size).toBe(QUESTIONS.length);
});

test("An answer about savings without a portfolio misses a target, as it says nothing of the truth", () => {
  const expected = { truthOf: "joint" } as const;
  const question = { kind: "answerable", workspace: "sample", tools: [], expected } as const;
  const answered = score({ ...question, turns: [LEVERS_QUESTION] }, run({}), null, WORLD);
  expect(missedTargets(scoresOf([answered], WORLD.truth))).toContain(
    "1 answers about savings have no portfolio",
  );
});
