/** What a person can do about a failure, by its code; a code without a line has the common one. */
import type { ErrorCode } from "../../../protocol/failures.ts";

const LATER = "Ask again in a minute. What was said is kept.";
const LESS = "Ask for less at once: one feature, one team or a shorter time.";
const OPERATOR = "Asking again will not help. Tell whoever runs this service.";

const lines: Partial<Record<ErrorCode, string>> = {
  approval_expired: "Ask again, and decide within the time.",
  approval_rejected: "Nothing was done. Ask again where you meant to allow it.",
  budget_exceeded: "Raise the budget in the settings, or wait for the next month.",
  forbidden: "An admin of your team can allow it.",
  internal: LATER,
  misconfigured: OPERATOR,
  model_rejected: OPERATOR,
  model_timeout: LATER,
  model_unavailable: LATER,
  outcome_unknown: "Look first whether it was done; then ask again.",
  provider_unavailable: LATER,
  queue_full: "Wait for a run to end, or stop one.",
  quota_exceeded: "The settings show your limits, and when they start afresh.",
  rate_limited: "Wait a moment, then ask again.",
  run_interrupted: LATER,
  run_timeout: LESS,
  step_limit: LESS,
  thread_busy: "Wait for the run to end, or stop it.",
  tool_cancelled: "Send the question again to have it run.",
  tool_timeout: LESS,
  too_large: LESS,
  too_slow: LATER,
  unavailable: LATER,
};

export const advice = { common: "Ask again, perhaps in other words.", lines };
