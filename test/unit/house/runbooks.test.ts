/** The runbooks know every event that is logged as a warning or an error, and none that is not. */
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const LOGGED = /\.(?:error|warn)\(\s*"([a-z]+(?:[._][a-z]+)+)"/g;
const TOLD = /^\| ((?:`[a-z_.]+`(?:, )?)+) \|/gim;

const inSource = globSync("src/**/*.ts").flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(LOGGED)].map(([, event]) => event),
);
const inRunbooks = [...readFileSync("docs/runbooks.md", "utf8").matchAll(TOLD)].flatMap(
  ([, events = ""]) => [...events.matchAll(/`([a-z_.]+)`/gi)].map(([, event]) => event),
);

test("each has a line, and each line an event", () => {
  expect(inSource.length).toBeGreaterThan(30);
  expect([...new Set(inRunbooks)].toSorted()).toEqual([...new Set(inSource)].toSorted());
});
