/** The calls about one's account: where one is signed in, keys, profile, limits, budget, data and end. */
import type {
  AccountLimits,
  ApiKeys,
  ChangePasswordBody,
  CreateApiKeyBody,
  CreatedApiKey,
  DeleteAccountBody,
  DeletionReceipt,
  Sessions,
} from "../protocol/account.ts";
import type { Budget, Ledger, LedgerQuery, SetBudgetBody } from "../protocol/budget.ts";
import type { User } from "../protocol/entities.ts";
import type { ApiKeyId, SessionId } from "../protocol/ids.ts";
import type {
  Preferences,
  UpdatePreferencesBody,
  UpdateProfileBody,
} from "../protocol/preferences.ts";
import {
  isAccountLimits,
  isApiKeys,
  isBudget,
  isCreatedApiKey,
  isDeletionReceipt,
  isLedger,
  isPreferences,
  isSessions,
} from "./account-answers.ts";
import { type Ask, below, type Open } from "./ask.ts";
import { isUser } from "./entities.ts";
import { isNothing } from "./http.ts";

/** Where one is signed in. */
export function sessionCalls(ask: Ask) {
  const path = "/api/sessions";
  return {
    /** Those that have neither ended nor expired, the newest first. */
    list: (): Promise<Sessions> => ask(isSessions, { method: "GET", path }),
    /** Its tokens are not renewed any more, and its sockets close. */
    end: (id: SessionId): Promise<void> =>
      ask(isNothing, { method: "DELETE", path: below(path, id) }),
    /** Ends all but the one that asks. */
    endOthers: (): Promise<void> => ask(isNothing, { method: "DELETE", path }),
  };
}

/** What programs sign in with. */
export function keyCalls(ask: Ask) {
  const path = "/api/keys";
  return {
    /** One's API keys, revoked ones too. */
    list: (): Promise<ApiKeys> => ask(isApiKeys, { method: "GET", path }),
    /** Makes an API key. It is shown this once. */
    create: (body: CreateApiKeyBody): Promise<CreatedApiKey> =>
      ask(isCreatedApiKey, { method: "POST", path, body }),
    /** What uses the key is refused from then on. */
    revoke: (id: ApiKeyId): Promise<void> =>
      ask(isNothing, { method: "DELETE", path: below(path, id) }),
  };
}

/** Who one is, and how one likes things. */
export function profileCalls(ask: Ask) {
  const path = "/api/me/preferences";
  return {
    /** Changes one's name. */
    rename: (body: UpdateProfileBody): Promise<User> =>
      ask(isUser, { method: "PATCH", path: "/api/auth/me", body }),
    /** One's preferences. */
    preferences: (): Promise<Preferences> => ask(isPreferences, { method: "GET", path }),
    /** What is left out stays; null takes it back. */
    prefer: (body: UpdatePreferencesBody): Promise<Preferences> =>
      ask(isPreferences, { method: "PATCH", path, body }),
    /** Ends all sessions but the one that asks. @throws ApexError `credentials_invalid`. */
    changePassword: (body: ChangePasswordBody): Promise<void> =>
      ask(isNothing, { method: "POST", path: "/api/account/password", body }),
  };
}

/** What the tier allows, and what is used of it. */
export function limitCalls(ask: Ask) {
  return {
    /** What the tier allows, and how much of it is used. */
    get: (): Promise<AccountLimits> =>
      ask(isAccountLimits, { method: "GET", path: "/api/account/limits" }),
  };
}

/** What runs may cost in a month, and what they did. */
export function budgetCalls(ask: Ask) {
  const path = "/api/account/budget";
  return {
    /** The month's budget, and what is spent of it. */
    get: (): Promise<Budget> => ask(isBudget, { method: "GET", path }),
    /** Sets the month's budget. */
    set: (body: SetBudgetBody): Promise<Budget> => ask(isBudget, { method: "PUT", path, body }),
    /** What was spent, entry by entry. */
    ledger: (query: Partial<LedgerQuery> = {}): Promise<Ledger> =>
      ask(isLedger, { method: "GET", path: "/api/account/ledger", query }),
  };
}

/** @param forget clears the credentials that are kept here. */
export function accountCalls(ask: Ask, open: Open, forget: () => Promise<void>) {
  return {
    /** Everything that is kept of one, as lines of JSON; one of the kind `end` is the last of a whole. */
    export: (signal: AbortSignal): Promise<ReadableStream<Uint8Array>> =>
      open({ method: "GET", path: "/api/account/export" }, signal),
    /** For good. Nobody is signed in here afterwards. */
    async delete(body: DeleteAccountBody): Promise<DeletionReceipt> {
      const path = "/api/account";
      const receipt = await ask(isDeletionReceipt, { method: "DELETE", path, body });
      await forget();
      return receipt;
    },
  };
}
