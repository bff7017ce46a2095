/** The usage of who asks: always of the caller's own workspace, which no request can name another of. */
import type { Context } from "hono";
import * as z from "zod";
import { systemClock } from "../core/clock.ts";
import { type WorkspaceId, workspaceOf } from "../protocol/ids.ts";
import { openDatabase } from "../store/database.ts";
import { assertWorkspace } from "../store/membership.ts";
import { chooseImportList, chooseIntake } from "../usage/choose-store.ts";
import type { Arrival } from "../usage/import/new-record.ts";
import type { ImportList } from "../usage/import-list.ts";
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

/**
 * @returns the workspace of who asks: their team's, or their own.
 * @throws {ApexError} `token_expired` where the token tells of a team that they are in no more;
 *   `unavailable` where D1 does not answer.
 */
export async function workspaceIdOf(c: Context<SignedInEnv>): Promise<WorkspaceId> {
  const { userId, organizationId } = c.var.principal;
  const workspaceId = workspaceOf(userId, organizationId);
  await assertWorkspace(openDatabase(c.env.DB), userId, workspaceId);
  return workspaceId;
}

/** Where the records of who asks come in, and what is told of each that does. */
interface OwnIntake {
  readonly workspaceId: WorkspaceId;
  readonly intake: Intake;
  readonly arrival: Arrival;
}

/**
 * @returns the way into the store that is set.
 * @throws {ApexError} as {@link workspaceIdOf}.
 */
export async function intakeOf(c: Context<SignedInEnv>): Promise<OwnIntake> {
  const { clickhouse } = c.var.config;
  const workspaceId = await workspaceIdOf(c);
  return {
    workspaceId,
    intake: chooseIntake({ clickhouse, db: c.env.DB }, workspaceId),
    arrival: { workspaceId, now: systemClock.now() },
  };
}

/**
 * @returns the imports of who asks, into the store that is set.
 * @throws {ApexError} as {@link workspaceIdOf}.
 */
export async function importsOf(c: Context<SignedInEnv>): Promise<ImportList> {
  const { clickhouse } = c.var.config;
  return chooseImportList({ clickhouse, db: c.env.DB }, await workspaceIdOf(c));
}
