/** What the server's answers hold, as checks: an answer of another form is not believed. */
import type { IdentityProvider, IdentityProviders } from "../protocol/account.ts";
import type {
  AcceptedMessage,
  CancelReceipt,
  Credentials,
  MessagePage,
  ThreadPage,
  Ticket,
} from "../protocol/api.ts";
import type {
  FinalStatus,
  Finding,
  Message,
  Run,
  RunStatus,
  RunUsage,
  Thread,
  User,
} from "../protocol/entities.ts";
import type { ErrorCode } from "../protocol/failures.ts";
import type { MessageId, OrganizationId, RunId } from "../protocol/ids.ts";
import type { CutImport, FieldError, FieldErrorCode, Problem } from "../protocol/problem.ts";
import type { LimitState } from "../protocol/tiers.ts";
import {
  boolean,
  count,
  labels,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  text,
} from "./checks.ts";

export const isTier = oneOf<User["tier"]>({ free: 1, early: 1, mid: 1, enterprise: 1 });
export const isTeamRole = oneOf<User["role"]>({ member: 1, admin: 1 });

export const isLimitState = object<LimitState>({
  name: oneOf({
    requests: 1,
    messages: 1,
    live_runs: 1,
    queued_runs: 1,
    sockets: 1,
    tokens: 1,
    usd: 1,
  }),
  limit: number,
  used: number,
  remaining: number,
  window_seconds: nullable(number),
  resets_at: nullable(text),
});

/** A code that is newer than this client is a text to it. */
export const isFieldError = object<FieldError>({
  field: text,
  message: text,
  code: optional(text<FieldErrorCode>),
  bound: optional(number),
});

export const isCutImport = object<CutImport>({
  id: text,
  status: oneOf({ incomplete: 1 }),
  rows: count,
  stored: count,
});

/** As {@link isFieldError}: a run that failed in a newer way has ended nonetheless. */
export const isProblem = object<Problem>({
  type: text,
  title: text,
  status: number,
  detail: text,
  code: text<ErrorCode>,
  instance: optional(text),
  request_id: optional(text),
  errors: optional(list(isFieldError)),
  retry_after: optional(number),
  limit: optional(isLimitState),
  active_run_id: optional(text<RunId>),
  import: optional(isCutImport),
});

export const isUser = object<User>({
  id: text,
  email: text,
  name: text,
  tier: isTier,
  permissions: list(text),
  organization_id: nullable(text<OrganizationId>),
  role: isTeamRole,
  created_at: text,
});

const signedIn = {
  user: isUser,
  access_token: text,
  refresh_token: text,
  token_type: oneOf({ Bearer: 1 }),
};

export const isCredentials = object<Credentials>({ ...signedIn, expires_in: number });

export const isIdentityProviders = object<IdentityProviders>({
  data: list(object<IdentityProvider>({ name: text, title: text, start_url: text })),
});

/** What is kept between visits. */
export interface StoredCredentials extends Omit<Credentials, "expires_in"> {
  /** Unix time in milliseconds from which the token is renewed. */
  readonly renew_at: number;
  /** What a renewal that is not answered yet has asked for. */
  readonly next_refresh_token?: string | undefined;
}

/** Whether a value, as a store gave it, is credentials that were kept there. */
export const isStoredCredentials = object<StoredCredentials>({
  ...signedIn,
  renew_at: number,
  next_refresh_token: optional(text),
});

export const isThread = object<Thread>({
  id: text,
  title: nullable(text),
  metadata: labels,
  forked_from: nullable(
    object<NonNullable<Thread["forked_from"]>>({ thread_id: text, message_id: text }),
  ),
  created_at: text,
  updated_at: text,
});

export const isRole = oneOf<Message["role"]>({ user: 1, assistant: 1 });
export const isMessageStatus = oneOf<Message["status"]>({
  streaming: 1,
  complete: 1,
  failed: 1,
  cancelled: 1,
});

const isMessage = object<Message>({
  id: text,
  thread_id: text,
  run_id: text,
  seq: count,
  role: isRole,
  content: text,
  agent: nullable(text),
  status: isMessageStatus,
  superseded_by: nullable(text<MessageId>),
  created_at: text,
});

export const PAGING = {
  has_more: boolean,
  next_cursor: nullable(text),
  page: optional(count),
  limit: optional(count),
  total: optional(count),
  pages: optional(count),
};

export const isThreadPage = object<ThreadPage>({
  data: list(isThread),
  ...PAGING,
});

export const isMessagePage = object<MessagePage>({
  data: list(isMessage),
  ...PAGING,
});

export const isAcceptedMessage = object<AcceptedMessage>({
  thread_id: text,
  message_id: text,
  run_id: text,
});

export const isTicket = object<Ticket>({ ticket: text, expires_in: number });

const finalStatuses = { completed: 1, failed: 1, cancelled: 1 };

export const isFinalStatus = oneOf<FinalStatus>(finalStatuses);
export const isRunStatus = oneOf<RunStatus>({ queued: 1, running: 1, ...finalStatuses });

export const isRunUsage = object<RunUsage>({
  input_tokens: count,
  cached_input_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  model_calls: count,
  cost_usd: nullable(number),
  estimated: boolean,
});

export const isFinding = object<Finding>({
  fact_id: text,
  call_id: text,
  tool_name: text,
  name: text,
  value: number,
  unit: text,
  interval: nullable(object({ low: number, high: number })),
  n_records: count,
  basis: oneOf({ measured: 1, replayed: 1, simulated: 1, assumed: 1 }),
});

const runFields = {
  id: text<RunId>,
  thread_id: text<Run["thread_id"]>,
  message_id: text<MessageId>,
  answer_id: text<MessageId>,
  status: isRunStatus,
  agent: text,
  model: text,
  final_response: nullable(text),
  usage: nullable(isRunUsage),
  problem: nullable(isProblem),
  created_at: text,
  started_at: nullable(text),
  completed_at: nullable(text),
};

export const isRun = object<Run>(runFields);

export const isCancelReceipt = object<CancelReceipt>({ ...runFields, last_seq: nullable(count) });
