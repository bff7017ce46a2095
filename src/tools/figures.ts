/** How the tools write their summaries: figures as answers show them, and tables that names can't break. */

export {
  count,
  decimal,
  milliseconds,
  percentage,
  signedUsd,
  UNKNOWN,
  usd,
} from "../core/grounding/figures.ts";
export { plain, table } from "../core/markdown.ts";
