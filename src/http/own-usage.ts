/** Access to usage records, always those of the caller's own workspace: a request cannot name another one. */
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

/** For the OpenAPI document: a body that is a file. The type gives handlers no parsed body. */
export const AS_LINES: Record<never, never> = { [NDJSON]: { schema: z.string() } };
export const AS_CSV: Record<never, never> = { "text/csv": { schema: z.string() } };

/** The media types of newline-delimited JSON. */
const LINE_TYPES: ReadonlySet<string> = new Set([
  NDJSON,
  "application/jsonl",
  "application/ndjson",
]);

/** @returns whether a body's content type says newline-delimited JSON. */
export function isNdjson(c: Pick<Context, "req">): boolean {
  const [type = ""] = (c.req.header("content-type") ?? "").toLowerCase().split(";");
  return LINE_TYPES.has(type.trim());
}

/**
 * @returns the caller's workspace: that of their team, or their own.
 * @throws {ApexError} `token_expired` if the token names a team that the user has left; `unavailable` if D1 does
 *   not answer.
 */
export async function workspaceIdOf(c: Context<SignedInEnv>): Promise<WorkspaceId> {
  const { userId, organizationId } = c.var.principal;
  const workspaceId = workspaceOf(userId, organizationId);
  await assertWorkspace(openDatabase(c.env.DB), userId, workspaceId);
  return workspaceId;
}

/** Takes in the caller's records, and reports the outcome. */
interface OwnIntake {
  readonly workspaceId: WorkspaceId;
  readonly intake: Intake;
  readonly arrival: Arrival;
}

/**
 * @returns the intake of the configured store.
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
 * @returns the caller's imports in the configured store.
 * @throws {ApexError} as {@link workspaceIdOf}.
 */
export async function importsOf(c: Context<SignedInEnv>): Promise<ImportList> {
  const { clickhouse } = c.var.config;
  return chooseImportList({ clickhouse, db: c.env.DB }, await workspaceIdOf(c));
}
