/** The usage of who asks: always of the caller's own workspace, which no request can name another of. */
import type { Context } from "hono";
import * as z from "zod";
import { systemClock } from "../core/clock.ts";
import { type WorkspaceId, workspaceOf } from "../protocol/ids.ts";
import { chooseIntake } from "../usage/choose-store.ts";
import type { Arrival } from "../usage/import/new-record.ts";
import type { Intake } from "../usage/intake.ts";
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

/** @returns the way into the store that is set. */
export function intakeOf(c: Context<SignedInEnv>): Intake {
  const { clickhouse } = c.var.config;
  return chooseIntake({ clickhouse, db: c.env.DB }, workspaceIdOf(c));
}
