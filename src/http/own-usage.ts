/** The usage of who asks: always of the caller's own workspace, which no request can name another of. */
import type { Context } from "hono";
import * as z from "zod";
import { systemClock } from "../core/clock.ts";
import { ApexError } from "../protocol/errors.ts";
import { type WorkspaceId, workspaceOf } from "../protocol/ids.ts";
import { D1Intake } from "../usage/d1-intake.ts";
import type { Arrival } from "../usage/import/new-record.ts";
import type { SignedInEnv } from "./router.ts";

const NDJSON = "application/x-ndjson";

/** For the document: bodies that are read as files. The type tells handlers of none. */
export const AS_LINES: Record<never, never> = { [NDJSON]: { schema: z.string() } };
export const AS_CSV: Record<never, never> = { "text/csv": { schema: z.string() } };

/** The types that a file of lines of JSON goes by. */
const LINE_TYPES: ReadonlySet<string> = new Set([
  NDJSON,
  "application/jsonl",
  "application/ndjson",
]);

/** @returns whether a body is lines of JSON, by its type. */
export function isNdjson(c: Pick<Context, "req">): boolean {
  const [type = ""] = (c.req.header("content-type") ?? "").toLowerCase().split(";");
  return LINE_TYPES.has(type.trim());
}

export function workspaceIdOf(c: Context<SignedInEnv>): WorkspaceId {
  const { userId, organizationId } = c.var.principal;
  return workspaceOf(userId, organizationId);
}

/** @returns whose records come in, and when. */
export function arrivalOf(c: Context<SignedInEnv>): Arrival {
  return { workspaceId: workspaceIdOf(c), now: systemClock.now() };
}

/** @throws {ApexError} `misconfigured` where ClickHouse is set: what D1 took in, no tool would ever read. */
export function intakeOf(c: Context<SignedInEnv>): D1Intake {
  if (c.var.config.clickhouse !== null) {
    const detail = "Usage records are kept in ClickHouse here, which imports do not reach yet.";
    throw new ApexError("misconfigured", detail);
  }
  return new D1Intake(c.env.DB, workspaceIdOf(c));
}
