/** Every failure of the catalogue, in the page's words. */
import type { ErrorCode } from "../../../protocol/failures.ts";

/** What one failure means to the person. */
interface ProblemWords {
  /** What happened. */
  readonly what: string;
  /** What to do about it; null where it passes by itself. */
  readonly toDo: string | null;
}

const SIGN_IN = "Please sign in again.";
const RELOAD = "Load this page anew, and try again.";
const APART = { what: "This page and the server do not understand each other.", toDo: RELOAD };
const LESS = "Ask for less at once: one feature, one team or a shorter time.";
const OPERATOR = "Trying again will not help. Tell whoever runs this service.";

/** It passes by itself: only trying again is left. */
function passes(what: string): ProblemWords {
  return { what, toDo: null };
}

/** TypeScript asks for a row as soon as the catalogue has another code. */
export const codes: Readonly<Record<ErrorCode, ProblemWords>> = {
  sign_in_failed: {
    what: "The sign-in could not be completed.",
    toDo: "Please try again. Your provider must have verified your email address.",
  },
  malformed_body: {
    what: "The server could not read what was sent.",
    toDo: "Try again. Where it is a file, look whether it is whole.",
  },
  unknown_command: APART,
  unsupported_frame: APART,
  unauthenticated: { what: "You are not signed in.", toDo: SIGN_IN },
  token_invalid: { what: "Your sign-in does not count any more.", toDo: SIGN_IN },
  token_expired: { what: "Your sign-in has expired.", toDo: SIGN_IN },
  credentials_invalid: {
    what: "Wrong email or password.",
    toDo: "Check both. An account of a provider has no password: sign in there.",
  },
  session_ended: { what: "Your session has ended.", toDo: SIGN_IN },
  forbidden: {
    what: "You are not permitted to do this.",
    toDo: "An admin of your team can allow it.",
  },
  approval_required: {
    what: "A person has to approve this first.",
    toDo: "Ask for it in a conversation: there you are asked.",
  },
  approval_rejected: {
    what: "It was rejected, so nothing was done.",
    toDo: "Ask again where you meant to allow it.",
  },
  csrf_invalid: { what: "The browser did not prove that you asked for this.", toDo: RELOAD },
  not_found: {
    what: "There is nothing here.",
    toDo: "It may have been deleted, or belong to somebody else.",
  },
  method_not_allowed: APART,
  body_timeout: {
    what: "What was sent did not arrive in time.",
    toDo: "Try again, on a faster connection where you can.",
  },
  idle: passes("The connection was silent for too long."),
  email_taken: {
    what: "An account with this email address exists.",
    toDo: "Sign in the way it was made: by its password, or by its own provider.",
  },
  idempotency_conflict: {
    what: "Another message went out under the same mark.",
    toDo: "Take it back, and send it anew.",
  },
  repeated_request: {
    what: "The same was asked a moment ago.",
    toDo: "Look whether it was done already.",
  },
  idempotency_key_reused: {
    what: "The same mark was used for something else.",
    toDo: RELOAD,
  },
  already_decided: { what: "This was decided already.", toDo: "The first decision stands." },
  approval_expired: {
    what: "The time to decide is over: it was not executed.",
    toDo: "Ask again, and decide within the time.",
  },
  import_conflict: {
    what: "This import is at work elsewhere, or was taken back.",
    toDo: "Wait until it rests; then choose the file again.",
  },
  already_in_team: { what: "You are in a team already.", toDo: "Leave it first." },
  last_admin: {
    what: "A team needs an admin, and this is the only one.",
    toDo: "Make another member an admin first.",
  },
  too_large: { what: "This is too large.", toDo: "Take it in parts." },
  unsupported_media_type: {
    what: "The server does not take this kind of file.",
    toDo: "Save it as CSV, JSON or NDJSON, not compressed.",
  },
  invalid_fields: { what: "Something in it was not accepted.", toDo: "Please check it." },
  headers_too_large: {
    what: "The browser sends more with each request than the server takes.",
    toDo: "Delete the cookies of this site, and sign in again.",
  },
  upgrade_required: {
    what: "Something between you and the server does not let live connections through.",
    toDo: "Try another network.",
  },
  thread_busy: {
    what: "A run of this conversation is not done yet.",
    toDo: "Wait for it to end, or stop it.",
  },
  queue_full: {
    what: "Too many messages wait in this conversation.",
    toDo: "Wait for a run to end, or stop one.",
  },
  budget_exceeded: {
    what: "The budget is used up. What was written is kept.",
    toDo: "Raise the budget in the settings, or wait for the next month.",
  },
  quota_exceeded: {
    what: "A limit of your account is reached.",
    toDo: "The settings show your limits. Where you keep several of something, remove one first.",
  },
  rate_limited: passes("That was too much at once."),
  internal: passes("Something went wrong on our side."),
  run_interrupted: passes("The run was interrupted too often."),
  step_limit: { what: "The run took more steps than it may.", toDo: LESS },
  outcome_unknown: {
    what: "Whether it was done is not known.",
    toDo: "Look first whether it was; then ask again.",
  },
  tool_failed: {
    what: "A tool failed: what it was asked for is missing.",
    toDo: "Ask again, perhaps in other words.",
  },
  tool_cancelled: {
    what: "The tool was stopped before its end.",
    toDo: "Send the question again to have it run.",
  },
  model_rejected: { what: "The model refused the request.", toDo: OPERATOR },
  provider_unavailable: passes("The identity provider did not answer."),
  too_slow: passes("Your connection did not keep up."),
  model_unavailable: passes("The model is not available just now."),
  unavailable: passes("The service cannot be reached just now."),
  misconfigured: { what: "The service is not set up for this.", toDo: OPERATOR },
  run_timeout: { what: "The run took too long.", toDo: LESS },
  tool_timeout: { what: "A tool took too long: what it was asked for is missing.", toDo: LESS },
  model_timeout: passes("The model took too long."),
};
