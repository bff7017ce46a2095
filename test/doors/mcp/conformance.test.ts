/** The official conformance suites, as the door claims to pass them. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { conformance, type Fixture, startFixture } from "./conformance.ts";

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture();
});

afterAll(() => fixture.stop());

it("fails in nothing of revision 2025-11-25 that the door claims", async () => {
  const { code, printed } = await conformance(fixture.url, "2025-11-25");

  expect(printed).toMatch(/Total: 23 passed, 9 failed/);
  expect(code, printed).toBe(0);
});

it("fails in nothing of revision 2026-07-28 that the door claims", async () => {
  const { code, printed } = await conformance(fixture.url, "2026-07-28");

  // The four are not testable: they ask for tools that ask clients, or keep a log for them.
  expect(printed).toMatch(/server-stateless: 24 passed, 4 failed/);
  expect(printed).toMatch(/Total: 128 passed, 50 failed/);
  expect(code, printed).toBe(0);
});
