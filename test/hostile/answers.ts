/** What every answer to hostile input is held to, by whatever way it came. */
import { expect } from "vitest";
import type { Back, Reply, World } from "./row.ts";

/** What answers say of themselves, so that no browser takes data for a page (RFC 9110, CSP 3). */
export const PROTECTIONS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
};

/** Holds a reply to what its row says. */
export function expectBack({ status, code, fields, text: said, headers }: Reply, back: Back) {
  const statuses = typeof back.status === "number" ? [back.status] : back.status;
  expect(statuses, said.slice(0, 500)).toContain(status);
  if (back.code !== undefined) expect(code).toBe(back.code);
  if (back.field !== undefined) expect(fields).toContain(back.field);
  if (back.says !== undefined) expect(said).toContain(back.says);
  if (headers !== null) expect(Object.fromEntries(headers)).toMatchObject(PROTECTIONS);
}

/** What holds of every answer, whatever was sent. */
export function expectHarmless({ status, text: said, headers }: Reply, world: World): void {
  const { credentials, secret } = world.victim;
  expect(status).toBeLessThan(500);
  const secrets = [secret, credentials.access_token, credentials.refresh_token, world.jwtSecret];
  const told = `${said} ${headers === null ? "" : JSON.stringify([...headers])}`;
  expect(secrets.filter((each) => told.includes(each))).toEqual([]);
  expect(said).not.toMatch(/SQLITE|D1_ERROR|\bat \w+ \(|node_modules/);
  expect(Object.keys(Object.prototype), "what every object inherits").toEqual([]);
}
