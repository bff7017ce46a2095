/** The table of hostile inputs: what is sent, what must come back, and that nothing else has happened. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "../worker/http/ask.ts";
import { expectBack, expectHarmless } from "./answers.ts";
import { bodies } from "./families/bodies.ts";
import { credentials } from "./families/credentials.ts";
import { doors } from "./families/doors.ts";
import { floods } from "./families/floods.ts";
import { frames } from "./families/frames.ts";
import { headers } from "./families/headers.ts";
import { massAssignment } from "./families/mass-assignment.ts";
import { pathsAndIds } from "./families/paths-and-ids.ts";
import { sessions } from "./families/sessions.ts";
import { sockets } from "./families/sockets.ts";
import { text } from "./families/text.ts";
import { tokens } from "./families/tokens.ts";
import { traces } from "./families/traces.ts";
import { OPEN } from "./open.ts";
import { readDocument } from "./operations.ts";
import type { Row } from "./row.ts";
import { allKept, changedIn, type InsideWorld, type Kept, makeWorld } from "./world.ts";

const { operations } = await readDocument(ask);
const FAMILIES: Readonly<Record<string, readonly Row<InsideWorld>[]>> = {
  tokens,
  credentials,
  sessions,
  sockets,
  frames,
  bodies,
  "mass assignment": massAssignment(operations),
  "paths and ids": pathsAndIds,
  headers,
  text,
  floods,
  traces,
  doors,
};
const ROWS = Object.values(FAMILIES).flat();

const LIMITS = { timeout: 30_000 };

let world: InsideWorld;
let victims: unknown;

beforeAll(async () => {
  world = await makeWorld();
  victims = await possessions();
});

describe.each(Object.entries(FAMILIES))("%s", (_family, rows) => {
  for (const row of rows) {
    const tried = OPEN.has(row.name) ? it.fails : it;
    tried(row.name, LIMITS, () => expectRow(row));
  }
});

describe("the table", () => {
  it("has a hundred rows and more, each of another name", ({ annotate }) => {
    const names = ROWS.map(({ name }) => name);
    const counts = Object.entries(FAMILIES).map(([family, { length }]) => `${family} ${length}`);

    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect([...OPEN].filter((name) => !names.includes(name))).toEqual([]);
    expect(ROWS.length).toBeGreaterThanOrEqual(100);
    return annotate(`${ROWS.length} hostile inputs: ${counts.join(", ")}`);
  });
});

afterAll(async () => {
  expect(await possessions(), "what the victim has, after all of it").toEqual(victims);
});

/** What was kept as the last row ended; null where that row may still change something. */
let kept: Kept | null = null;

/**
 * Sends what a row sends, and holds what came of it to what the row says. What one that may change nothing
 * changes late is the next one's fault: nothing is read between the two.
 */
async function expectRow(row: Row<InsideWorld>): Promise<void> {
  const before = kept ?? (await allKept());
  kept = null;
  const reply = await row.sends(world);
  expectBack(reply, row.back);
  expectHarmless(reply, world);
  const after = await allKept();
  const changed = changedIn(before, after);
  expect(changed.filter((name) => !row.mayChange?.includes(name))).toEqual([]);
  if (row.mayChange === undefined) kept = after;
}

/** @returns all that the victim has, as the victim sees it. */
async function possessions(): Promise<unknown> {
  const { thread, runId } = world.victim;
  const told = await (await thread.ask("")).json();
  return [told, await thread.messages(), await thread.run(runId), await thread.rowCounts()];
}
