/** What the SQL of both usage stores says alike: which columns hold what is asked for. */
import type { GroupBy } from "./store.ts";

/** Dimensions that are columns; how a moment becomes a day or an hour is each engine's own. */
export const DIMENSION_COLUMNS = {
  model: "request_model",
  feature: "feature",
  team: "team",
  environment: "environment",
  user: "user_hash",
  provider: "provider",
  service_tier: "service_tier",
  granularity: "granularity",
  status: "status",
  error_type: "error_type",
} as const satisfies Record<Exclude<GroupBy, "day" | "hour">, string>;

/** Records whose price is known. */
export const PRICED = "cost_computed IS NOT NULL";

/** Records whose price is known both from the catalogue and from who sent them. */
export const RECONCILED = `${PRICED} AND cost_reported IS NOT NULL`;
