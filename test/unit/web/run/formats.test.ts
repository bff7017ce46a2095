/** Figures, durations and moments as the page writes them in English. */
import { describe, expect, test } from "vitest";
import { formatsOf } from "../../../../src/web/run/formats.ts";
import { EN } from "../../../../src/web/words/en.ts";
import { USAGE } from "../../client/frames.ts";

const formats = formatsOf(EN);
const HOUR = 3_600_000;

describe("a figure is written so that", () => {
  test.each([
    [542.905288, "USD a month", "$542.91 a month"],
    [0.00123, "USD", "$0.00123"],
    [23.670071, "%", "23.7%"],
    [11_436, "ms", "11,436 ms"],
    [10_620, "requests", "10,620 requests"],
    [61.258444, "months", "61.3 months"],
  ])("%d of %s reads %s", (value, unit, text) => {
    expect(formats.measure(value, unit)).toBe(text);
  });

  test("a bound beside its value does not say again what is counted", () => {
    expect(formats.amount(392.276575, "USD a month")).toBe("$392.28");
    expect(formats.amount(10_620, "requests")).toBe("10,620");
  });

  test("whoever wants to know exactly has six digits, all of a large figure, and no noise", () => {
    expect(formats.exactly(1_234_567.891234)).toBe("1,234,567.89");
    expect(formats.exactly(0.000123456)).toBe("0.000123456");
    expect(formats.exactly(1234.5)).toBe("1,234.5");
    expect(formats.exactly(0.1 + 0.2)).toBe("0.3");
  });

  test("money to as many digits as it carries has its cents", () => {
    expect(formats.exactly(20_846.8, "USD")).toBe("20,846.80");
    expect(formats.exactly(5, "USD a month")).toBe("5.00");
    expect(formats.exactly(542.905288, "USD a month")).toBe("542.905");
    expect(formats.exactly(0.00123, "USD")).toBe("0.00123");
  });

  test("an axis has room for it", () => {
    expect(formats.tick(1_234_567, "USD")).toBe("$1.2M");
    expect(formats.tick(50, "%")).toBe("50%");
    expect(formats.tick(12.345, "requests")).toBe("12.3");
  });
});

describe("a time is written so that", () => {
  test.each([
    [0.4, "0 ms"],
    [999.4, "999 ms"],
    [1_000, "1 sec"],
    [4_240, "4.2 sec"],
    [59_949, "59.9 sec"],
    [59_950, "1 min 0 sec"],
    [125_000, "2 min 5 sec"],
  ])("a duration of %d ms reads %s", (milliseconds, text) => {
    expect(formats.duration(milliseconds)).toBe(text);
  });

  test.each([
    [1_500, "in 2 seconds"],
    [90_000, "in 2 minutes"],
    [23 * HOUR, "in 23 hours"],
    [72 * HOUR, "in 3 days"],
    [-120_000, "2 minutes ago"],
  ])("what is %d ms ahead reads %s", (milliseconds, text) => {
    expect(formats.fromNow(milliseconds)).toBe(text);
  });

  test("days of the records are those of UTC, and what is no date stays as it stands", () => {
    expect(formats.day("2026-11-16")).toBe("Nov 16");
    expect(formats.day("code-review")).toBe("code-review");
    expect(formats.days("2026-10-22T23:59:00Z", "2026-11-21T00:01:00Z")).toMatch(
      /^Oct 22\s–\sNov 21, 2026$/,
    );
    expect(formats.days("then", "now")).toBe("then – now");
  });

  test("a moment within a sentence is one of UTC too, and dates and names stay as they stand", () => {
    expect(formats.sentence("It ends at 2026-11-21T21:30:00.000Z.")).toMatch(
      /^It ends at Nov 21, 2026, 9:30\sPM UTC\.$/,
    );
    expect(formats.sentence("Priced on 2026-11-21 by tiers@2026-11-21.")).toBe(
      "Priced on 2026-11-21 by tiers@2026-11-21.",
    );
    expect(formats.sentence("It ends at 2026-99-99T99:99:99Z.")).toBe(
      "It ends at 2026-99-99T99:99:99Z.",
    );
  });
});

describe("tokens and cost are written so that", () => {
  test.each([
    [0, "$0.00"],
    [0.00001, "< $0.0001"],
    [0.0123, "$0.0123"],
    [12.3, "$12.30"],
  ])("a cost of %d dollars reads %s", (cost_usd, text) => {
    expect(formats.usage({ ...USAGE, cost_usd })).toBe(`1,200 tokens in, 34 out · ${text}`);
  });

  test("an unknown price is said to be unknown, never shown as free", () => {
    expect(formats.usage({ ...USAGE, cost_usd: null })).toBe(
      "1,200 tokens in, 34 out · cost unknown",
    );
  });

  test("an estimate is called one", () => {
    expect(formats.usage({ ...USAGE, estimated: true })).toBe(
      "about 1,200 tokens in, 34 out · about $0.0123",
    );
  });
});
