/** The table of hostile inputs: what is sent, what must come back, and that nothing else has happened. */
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/env.ts";
import { bodies } from "./families/bodies.ts";
import { credentials } from "./families/credentials.ts";
import { floods } from "./families/floods.ts";
import { frames } from "./families/frames.ts";
import { headers } from "./families/headers.ts";
import { massAssignment } from "./families/mass-assignment.ts";
import { pathsAndIds } from "./families/paths-and-ids.ts";
import { sessions } from "./families/sessions.ts";
import { sockets } from "./families/sockets.ts";
import { text } from "./families/text.ts";
import { tokens } from "./families/tokens.ts";
import { OPEN } from "./open.ts";
import { readDocument } from "./operations.ts";
import type { Reply, Row } from "./row.ts";
import { allKept, changedIn, makeWorld, type World } from "./world.ts";

const { operations } = await readDocument();
const FAMILIES: Readonly<Record<string, readonly Row[]>> = {
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
};
const ROWS = Object.values(FAMILIES).flat();

/** What answers say of themselves, so that no browser takes data for a page (RFC 9110, CSP 3). */
const PROTECTIONS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
};

const LIMITS = { timeout: 30_000 };

let world: World;
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

/** Sends what a row sends, and holds what came of it to what the row says. */
async function expectRow(row: Row): Promise<void> {
  const before = await allKept();
  const reply = await row.sends(world);
  expectBack(reply, row);
  expectHarmless(reply);
  const changed = changedIn(before, await allKept());
  expect(changed.filter((name) => !row.mayChange?.includes(name))).toEqual([]);
}

function expectBack({ status, code, fields, text: said, headers: sent }: Reply, { back }: Row) {
  const statuses = typeof back.status === "number" ? [back.status] : back.status;
  expect(statuses, said.slice(0, 500)).toContain(status);
  if (back.code !== undefined) expect(code).toBe(back.code);
  if (back.field !== undefined) expect(fields).toContain(back.field);
  if (back.says !== undefined) expect(said).toContain(back.says);
  if (sent !== null) expect(Object.fromEntries(sent)).toMatchObject(PROTECTIONS);
}

/** What holds of every answer, whatever was sent. */
function expectHarmless({ status, text: said, headers: sent }: Reply): void {
  const { credentials, secret } = world.victim;
  expect(status).toBeLessThan(500);
  const secrets = [
    secret,
    credentials.access_token,
    credentials.refresh_token,
    readConfig(env).jwtSecret ?? "",
  ];
  const told = `${said} ${sent === null ? "" : JSON.stringify([...sent])}`;
  expect(secrets.filter((each) => told.includes(each))).toEqual([]);
  expect(said).not.toMatch(/SQLITE|D1_ERROR|\bat \w+ \(|node_modules/);
  expect(Object.keys(Object.prototype), "what every object inherits").toEqual([]);
}

/** @returns all that the victim has, as the victim sees it. */
async function possessions(): Promise<unknown> {
  const { thread, runId } = world.victim;
  const told = await (await thread.ask("")).json();
  return [told, await thread.messages(), await thread.run(runId), await thread.rowCounts()];
}
