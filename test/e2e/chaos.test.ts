/** A small storm over the whole product: it is killed, its network cut, its model broken, its state hurt, and nothing is lost. */
import { expect, test } from "vitest";
import { storm } from "../../bench/chaos/storm.ts";
import { judgeAll } from "../../bench/chaos/verdict.ts";

/** A seed whose first kill comes within ten seconds. */
const STORM = { seed: 7, users: 2, minutes: 0.35, killEverySeconds: 8 };

test("Through a kill, cuts, a failing model and a failing state every promise is kept", {
  timeout: 180_000,
}, async () => {
  const aftermath = await storm(STORM, new AbortController().signal);
  const { evidence, neverThere, outages, userNetwork, modelFaults, stateFaults } = aftermath;
  expect(outages.length).toBeGreaterThan(0);
  expect(userNetwork.length).toBeGreaterThan(0);
  expect(modelFaults).toBeGreaterThan(0);
  expect(stateFaults.queries).toBeGreaterThan(0);
  expect(stateFaults.calls).toBeGreaterThan(0);
  expect(evidence.flatMap(({ accepted }) => accepted).length).toBeGreaterThan(0);
  const found = judgeAll(evidence, neverThere);
  expect(found).toEqual({ lost: [], duplicated: [], reordered: [], leaked: [] });
});
