/** What workspaces say of themselves, in D1: profiles and evaluations. */
import * as z from "zod";
import { ApexError } from "../protocol/errors.ts";
import { d1Query } from "./d1-query.ts";
import { JsonText } from "./stored-json.ts";
import {
  EvaluatedPair,
  Evaluation,
  NO_PROFILE,
  WorkspaceProfile,
  type WorkspaceStore,
} from "./workspace.ts";
import { assertOwner, hasOwner } from "./workspace-owner.ts";

/** The most evaluations one question reads. */
export const MAX_EVALUATIONS = 50_000;

const COLUMNS = Evaluation.keyof().options;
const NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

const SAVE_PROFILE = `
  INSERT INTO usage_profiles (workspace_id, profile, updated_at) SELECT ?1, ?2, ${NOW} WHERE ${hasOwner("?1")}
  ON CONFLICT (workspace_id) DO UPDATE SET profile = excluded.profile, updated_at = excluded.updated_at`;

const SAVE_EVALUATIONS = `
  INSERT INTO usage_evaluations (workspace_id, ${COLUMNS.join(", ")})
  SELECT ?2, ${COLUMNS.map((column) => `value ->> '${column}'`).join(", ")}
  FROM json_each(?1) WHERE ${hasOwner("?2")}
  ON CONFLICT (workspace_id, evaluation_set, from_model, to_model, item_id)
  DO UPDATE SET ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ")}`;

const PAIRS = `
  SELECT from_model, to_model, evaluation_set, feature, count(*) AS items
  FROM usage_evaluations WHERE workspace_id = ?1
  GROUP BY from_model, to_model, evaluation_set, feature
  ORDER BY from_model, to_model, evaluation_set, feature`;

const EVALUATIONS = `
  SELECT ${COLUMNS.join(", ")} FROM usage_evaluations
  WHERE workspace_id = ?1 AND from_model = ?2 AND to_model = ?3
    AND (?4 IS NULL OR evaluation_set = ?4)
  ORDER BY evaluation_set, item_id LIMIT ${MAX_EVALUATIONS + 1}`;

const ProfileRow = z.object({ profile: JsonText.pipe(WorkspaceProfile) });

/** @returns the store over a D1 database that has the migrations; evaluations past {@link MAX_EVALUATIONS} are `too_large`. */
export function d1WorkspaceStore(db: D1Database): WorkspaceStore {
  const { forRows, rows, transact } = d1Query(db);
  return {
    async profile(workspaceId) {
      const query = "SELECT profile FROM usage_profiles WHERE workspace_id = ?1";
      const [row] = await rows(ProfileRow, query, [workspaceId]);
      return row?.profile ?? NO_PROFILE;
    },

    async saveProfile(workspaceId, profile) {
      await transact([db.prepare(SAVE_PROFILE).bind(workspaceId, JSON.stringify(profile))]);
      await assertOwner(db, workspaceId);
    },

    async saveEvaluations(workspaceId, evaluations) {
      await transact(forRows(SAVE_EVALUATIONS, evaluations, workspaceId));
      await assertOwner(db, workspaceId);
    },

    evaluatedPairs: (workspaceId) => rows(EvaluatedPair, PAIRS, [workspaceId]),

    async evaluations({ workspaceId, fromModel, toModel, evaluationSet }) {
      const values = [workspaceId, fromModel, toModel, evaluationSet];
      const found = await rows(Evaluation, EVALUATIONS, values);
      if (found.length > MAX_EVALUATIONS) {
        const detail = `There are more than ${MAX_EVALUATIONS} evaluations of these models. Name one set.`;
        throw new ApexError("too_large", detail);
      }
      return found;
    },
  };
}
