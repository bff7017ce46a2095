/** What the server tells of an account, as checks: an answer of another form is not believed. */
import type {
  AccountLimits,
  ApiKey,
  ApiKeys,
  CreatedApiKey,
  DeletionReceipt,
  Session,
  Sessions,
} from "../protocol/account.ts";
import type { Budget, Ledger, LedgerEntry, LedgerSum } from "../protocol/budget.ts";
import type { ApiKeyId, RunId, ThreadId } from "../protocol/ids.ts";
import type { Preferences } from "../protocol/preferences.ts";
import {
  boolean,
  count,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  text,
} from "./checks.ts";
import { isFinalStatus, isLimitState, isRunUsage, isTier } from "./entities.ts";

export const isSessions = object<Sessions>({
  data: list(
    object<Session>({
      id: text,
      method: text,
      address: nullable(text),
      user_agent: nullable(text),
      current: boolean,
      created_at: text,
      last_used_at: text,
      expires_at: text,
    }),
  ),
});

const keyFields = {
  id: text<ApiKeyId>,
  name: text,
  start: text,
  scopes: list(text<string>),
  created_at: text,
  expires_at: text,
  last_used_at: nullable(text<string>),
  revoked_at: nullable(text<string>),
};

export const isApiKeys = object<ApiKeys>({ data: list(object<ApiKey>(keyFields)) });

export const isCreatedApiKey = object<CreatedApiKey>({ ...keyFields, key: text });

export const isPreferences = object<Preferences>({
  theme: oneOf({ system: 1, light: 1, dark: 1 }),
  language: nullable(text),
  time_zone: nullable(text),
  agent: nullable(text),
});

export const isAccountLimits = object<AccountLimits>({ tier: isTier, limits: list(isLimitState) });

export const isBudget = object<Budget>({
  monthly_usd: nullable(number),
  spent_usd: number,
  remaining_usd: nullable(number),
  period: text,
  resets_at: text,
});

const sums = {
  runs: count,
  estimated_runs: count,
  unpriced_runs: count,
  input_tokens: count,
  cached_input_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  model_calls: count,
  cost_usd: number,
};

export const isLedger = object<Ledger>({
  data: list(
    object<LedgerEntry>({
      run_id: text<RunId>,
      thread_id: text<ThreadId>,
      status: isFinalStatus,
      agent: nullable(text),
      model: text,
      usage: isRunUsage,
      ended_at: text,
      summary: optional((value): value is true => value === true),
    }),
  ),
  next_cursor: nullable(text),
  days: list(object<Ledger["days"][number]>({ ...sums, day: text })),
  total: object<LedgerSum>(sums),
});

export const isDeletionReceipt = object<DeletionReceipt>({
  deleted_at: text,
  complete: boolean,
  deleted: record(count),
  left: record(count),
});
