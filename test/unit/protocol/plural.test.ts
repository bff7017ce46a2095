/** Numbers with what they count: one of it is one, whatever was rounded to it, and no number is "1 days". */
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { counted, measured, plural, unitBehind } from "../../../src/protocol/plural.ts";

describe("a number with its noun", () => {
  test.each([
    [0, "0 records"],
    [1, "1 record"],
    [1.2, "1 record"],
    [2, "2 records"],
    [1_001, "1,001 records"],
  ])("%d is %s", (value, said) => {
    expect(counted(value, "record")).toBe(said);
  });

  test.each([
    [0.5, "0.5 days"],
    [0.96, "1 day"],
    [1.04, "1 day"],
    [1.06, "1.1 days"],
  ])("%d, with a decimal, is %s", (value, said) => {
    expect(measured(value, "day")).toBe(said);
  });

  test("has the form that is given where an s does not make it many", () => {
    expect([1, 2].map((value) => counted(value, "try", "tries"))).toEqual(["1 try", "2 tries"]);
    expect([1, 2].map((value) => plural(value, "is", "are"))).toEqual(["is", "are"]);
    expect(plural(null, "request")).toBe("requests");
  });

  test.each([
    [1, "days", "day"],
    [2, "days", "days"],
    [1.5, "days", "days"],
    [1, "ms", "ms"],
    [1, "USD a month", "USD a month"],
  ])("the unit behind %d of %s is %s", (value, unit, said) => {
    expect(unitBehind(value, unit)).toBe(said);
  });
});

/** A number put before a noun of many by hand, as in `${count(n)} records`. */
const BY_HAND = /\$\{(?:count|decimal|told\.count|formats?\.count)\([^}]*\)\} [a-z]+s\b/g;
/** Words that end so and are none: "3 of them is", "is as". */
const NO_NOUN = /\} (?:is|was|has|as|this|its|does)$/;

test("no text puts a number before a noun of many by itself", () => {
  const root = resolve(import.meta.dirname, "../../../src");
  const found = globSync("**/*.{ts,tsx}", { cwd: root }).flatMap((file) =>
    (readFileSync(resolve(root, file), "utf8").match(BY_HAND) ?? [])
      .filter((text) => !NO_NOUN.test(text) && !/MAX_[A-Z_]+/.test(text))
      .map((text) => `${file}: ${text}`),
  );
  expect(found).toEqual([]);
});
