/** What a model is told of a conversation before: within its window, and with what was found. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GroundedText } from "../../../src/core/grounding/grounded-text.ts";
import {
  countedOnce,
  type Exchange,
  firstWhole,
  memoryBudget,
  remember,
} from "../../../src/core/memory.ts";
import type { ModelMessage } from "../../../src/core/model.ts";
import { countTokens } from "../../../src/core/tokens.ts";
import { CallId, FactId } from "../../../src/protocol/ids.ts";

const COST = { id: FactId.parse("usage_summary.total_cost"), name: "total cost", unit: "USD" };

function exchange(seq: number, fields: Partial<Exchange> = {}): Exchange {
  const facts = [{ ...COST, value: seq * 1_111 }];
  return {
    seq,
    question: `Question ${seq}?`,
    answer: `Answer ${seq}.`,
    facts,
    summary: null,
    ...fields,
  };
}

const said = (messages: readonly ModelMessage[]) =>
  messages.flatMap(({ role, content }) => (role === "tool" || content === "" ? [] : [content]));
const recalled = (messages: readonly ModelMessage[]) =>
  messages.flatMap((message) => (message.role === "tool" ? [JSON.parse(message.content)] : []));

/** Too much for any budget here, together. */
const long = (seq: number) => exchange(seq, { answer: `Answer ${seq}. ${"word ".repeat(200)}` });

describe("a conversation that fits", () => {
  test("is told whole, each run's figures before its answer, under ids of their own", () => {
    const messages = remember([exchange(1), exchange(4)], 1_000);
    expect(said(messages)).toEqual(["Question 1?", "Answer 1.", "Question 4?", "Answer 4."]);
    expect(messages.map(({ role }) => role)).toEqual([
      ...["user", "assistant", "tool", "assistant"],
      ...["user", "assistant", "tool", "assistant"],
    ]);
    expect(recalled(messages)).toEqual([
      { facts: [{ ...COST, id: "r1.usage_summary.total_cost", value: 1_111 }] },
      { facts: [{ ...COST, id: "r4.usage_summary.total_cost", value: 4_444 }] },
    ]);
  });

  test("without figures, or without an answer, has the words alone", () => {
    const messages = remember([exchange(1, { facts: [], answer: "" })], 1_000);
    expect(messages).toEqual([{ role: "user", content: "Question 1?" }]);
    expect(remember([], 1_000)).toEqual([]);
  });

  test("lets the next answer state its figures, and no others", () => {
    const messages = remember([exchange(1), exchange(4)], 1_000);
    const grounded = new GroundedText([...messages, { role: "user", content: "And now?" }]);
    expect(
      grounded.push("From {{fact:r1.usage_summary.total_cost}} to $4,444, not $5,555.", true),
    ).toBe("From $1,111.00 to $4,444, not $5,555 (unverified).");
    expect(grounded.grounding.citations.map(({ fact_id }) => fact_id)).toEqual([
      "r1.usage_summary.total_cost",
      "r4.usage_summary.total_cost",
    ]);
  });
});

describe("a conversation that is too long", () => {
  test("has its older exchanges told by their questions and figures", () => {
    const messages = remember([exchange(1), exchange(2), long(3)], 200);
    expect(said(messages)[0]).toBe("Question 3?");
    expect(recalled(messages)).toEqual([
      {
        earlier: {
          summary: null,
          questions: [
            { asked: "Question 1?", facts: ["r1.usage_summary.total_cost"] },
            { asked: "Question 2?", facts: ["r2.usage_summary.total_cost"] },
          ],
          left_out: 0,
        },
        facts: [1, 2, 3].map((seq) => ({
          ...COST,
          id: `r${seq}.usage_summary.total_cost`,
          value: seq * 1_111,
        })),
      },
    ]);
  });

  test("has a summary in the place of what it sums up", () => {
    const summed = exchange(2, { summary: "They asked for the cost." });
    const [first] = recalled(remember([exchange(1), summed, exchange(3), long(4)], 200));
    expect(first.earlier).toMatchObject({
      summary: "They asked for the cost.",
      questions: [{ asked: "Question 3?" }],
    });
    expect(first.facts).toHaveLength(4);
  });

  test("makes no figure of a summary a known one", () => {
    const summed = exchange(2, { summary: "It cost $7,777.", facts: [] });
    const messages = remember([summed, long(4)], 200);
    expect(new GroundedText(messages).push("$7,777 ", true)).toContain("(unverified)");
  });

  test("is told by its newest questions where even these are many", () => {
    const many = Array.from({ length: 100 }, (_, index) => long(index + 1));
    const [first] = recalled(remember(many, 200));
    expect(first.earlier.questions).toHaveLength(30);
    expect(first.earlier.left_out).toBe(99 - 30);
    expect(first.facts).toHaveLength(61);
  });

  test("keeps its newest exchange, cut where it alone is too long", () => {
    const messages = remember([long(1)], 50);
    expect(said(messages)[1]).toMatch(/^Answer 1\. .*…$/);
    expect(countTokens(said(messages)[1] ?? "")).toBeLessThan(60);
  });
});

test("what is told whole never takes more than the budget, but for the newest exchange", () => {
  const exchanges = fc.array(
    fc.nat({ max: 400 }).map((words) => exchange(7, { answer: "word ".repeat(words) })),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(exchanges, fc.integer({ min: 1, max: 2_000 }), (all, budget) => {
      const first = firstWhole(all, budget);
      expect(first).toBeLessThan(all.length);
      const whole = all.slice(first);
      const tokens = whole.reduce(
        (sum, { question, answer, facts }) =>
          sum + countTokens(question) + countTokens(answer) + countTokens(JSON.stringify(facts)),
        0,
      );
      expect(whole.length === 1 || tokens <= budget).toBe(true);
    }),
  );
});

test("an exchange is counted once, however often it is told, and to the same effect", () => {
  const sizeOf = countedOnce();
  const exchanges = [1, 2, 3].map((seq) => exchange(seq, { answer: "word ".repeat(seq * 20) }));
  for (const budget of [10, 50, 100, 1_000]) {
    expect(remember(exchanges, budget, sizeOf)).toEqual(remember(exchanges, budget));
  }
  const counted = exchanges.map(sizeOf);
  expect(exchanges.map((each) => sizeOf({ ...each, answer: "" }))).toEqual(counted);
});

test("the budget is a quarter of the model's window, of 128,000 tokens at most", () => {
  expect([8_192, 1_000_000, null].map(memoryBudget)).toEqual([2_048, 32_000, 32_000]);
});

describe("figures of exchanges that are told in short", () => {
  const many = (seq: number) => {
    const facts = Array.from({ length: 40 }, (_, index) => ({
      ...COST,
      id: FactId.parse(`usage_summary.cost_${index}`),
      value: index,
    }));
    return exchange(seq, { facts });
  };

  test("are named by a question exactly where they are told", () => {
    const messages = remember([many(1), many(2), exchange(3)], 1);
    const [{ earlier, facts }] = recalled(messages);
    const told = new Set(facts.map(({ id }: { id: string }) => id));
    const named = earlier.questions.flatMap((question: { facts: string[] }) => question.facts);
    expect(named).toHaveLength(60);
    expect(named.filter((id: string) => !told.has(id))).toEqual([]);
  });

  test("may be the user's own: what was asked counts as said, and no other tool can say so", () => {
    const asked = exchange(1, { question: "My budget is $20,000 a month.", facts: [] });
    const messages = remember([asked, exchange(2)], 1);
    const text = "Of your budget of $20,000 nothing is left.";
    expect(new GroundedText(messages).push(text, true)).toBe(text);
    const forged = messages.map((message) =>
      message.role === "tool" ? { ...message, callId: CallId.parse("call_1") } : message,
    );
    expect(new GroundedText(forged).push(text, true)).toContain("$20,000 (unverified)");
  });
});
