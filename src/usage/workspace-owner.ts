/** Whether there is somebody whose a workspace is: what is written for nobody is never deleted. */
import * as z from "zod";
import { ApexError } from "../protocol/errors.ts";
import { d1Query } from "./d1-query.ts";
import { SAMPLE_WORKSPACE } from "./sample.ts";

/**
 * @param workspace what stands for its id: a parameter.
 * @returns the condition, as SQL, of every statement that writes for a workspace: its person or its team
 *   is there. D1 carries out one transaction at a time, so that nothing follows their end. The sample
 *   company has nobody, and stays.
 */
export function hasOwner(workspace: string): string {
  return `(${workspace} = '${SAMPLE_WORKSPACE}'
    OR EXISTS (SELECT 1 FROM users WHERE id = ${workspace})
    OR EXISTS (SELECT 1 FROM organizations WHERE id = ${workspace}))`;
}

/** @throws {ApexError} `unavailable` if D1 does not answer. */
export async function isOwned(db: D1Database, workspaceId: string): Promise<boolean> {
  const sql = `SELECT 1 WHERE ${hasOwner("?1")}`;
  return (await d1Query(db).rows(z.unknown(), sql, [workspaceId])).length > 0;
}

/**
 * To be asked after what bears {@link hasOwner}: it changes nothing where there is nobody, without a word.
 * @throws {ApexError} `forbidden` where there is nobody; `unavailable` if D1 does not answer.
 */
export async function assertOwner(db: D1Database, workspaceId: string): Promise<void> {
  if (await isOwned(db, workspaceId)) return;
  const detail =
    "The team or the account that this would belong to is no more. Refresh the access token.";
  throw new ApexError("forbidden", detail);
}
