/** The day's budget: what the user's runs spent today, and what the whole team spent, if there is one. */
import * as z from "zod";
import type { Clock } from "../core/clock.ts";
import { withDeadline } from "../core/deadline.ts";
import type { Log } from "../core/log.ts";
import { dayOf, NOTHING_SPENT, plus, type Spend } from "../core/quota.ts";
import { reach } from "../durable/reach.ts";
import type { RunUsage } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import { OrganizationId, type UserId } from "../protocol/ids.ts";
import type { LedgerRows } from "./ledger.ts";
import type { OrganizationRpc, ThreadNotice } from "./rpc.ts";
import { KEPT_DAYS, SpendOfDay } from "./spend.ts";

/**
 * Where the team is stored that the last message named, so that it is known when the run ends, even after a
 * restart.
 */
const ORGANIZATION = "organization_id";
/** How long a team's object may take, or D1 to confirm the membership, in milliseconds. A message waits for it. */
const DEADLINE_MS = 250;
/** Where earlier teams are stored, for as long as they remember what this user spent. */
const FORMER = "former_organizations";
const Former = z.array(z.object({ id: OrganizationId, day: z.number() }));
/** How long a team's object may take to forget, in milliseconds. Nobody waits for it. */
const FORGET_MS = 5_000;

interface BudgetParts {
  readonly storage: DurableObjectStorage;
  readonly userId: UserId;
  readonly ledger: LedgerRows;
  /** A new stub of a team's object. */
  readonly organization: (id: OrganizationId) => OrganizationRpc;
  /** @throws {ApexError} `token_expired` if the user is in another team, or in none. */
  readonly assertMember: (id: OrganizationId) => Promise<void>;
  /** Whether the account is open. While it is being deleted, no team is told anything any more. */
  readonly isOpen: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

export class Budget {
  readonly #parts: BudgetParts;
  readonly #own: SpendOfDay;
  #organizationId: OrganizationId | null;
  #former: z.infer<typeof Former>;
  /** What the other members had spent when the team was last asked, and the day of that. */
  #others = { day: 0, spent: NOTHING_SPENT };

  constructor(parts: BudgetParts) {
    this.#parts = parts;
    this.#own = new SpendOfDay(parts.ledger);
    this.#organizationId = OrganizationId.nullable().parse(
      parts.storage.kv.get(ORGANIZATION) ?? null,
    );
    this.#former = Former.parse(parts.storage.kv.get(FORMER) ?? []);
  }

  /** Adds what ended runs spent, each once. Call it after the ledger has stored them. */
  settle(notices: readonly ThreadNotice[]): void {
    for (const { ended } of notices) {
      if (ended !== undefined) this.#own.add(Date.parse(ended.ended_at), spentBy(ended.usage));
    }
  }

  /** Drops the cached sum, so that it is read from the ledger again. */
  recount(): void {
    this.#own.recount();
  }

  /** Tells the team's object what was spent, so that it counts for the other members too. Never throws. */
  async tell(): Promise<void> {
    if (this.#organizationId !== null) await this.#askTeam(this.#organizationId);
  }

  /**
   * @param organizationId the team that the caller's token names.
   * @returns what was spent today by all who share the budget, without the others if the team's object does not
   *   answer.
   * @throws {ApexError} `token_expired` if the user is no longer in that team.
   */
  async spent(organizationId: OrganizationId | null): Promise<Spend> {
    if (organizationId !== null) await this.#assertMember(organizationId);
    this.#belong(organizationId);
    if (organizationId !== null) await this.#askTeam(organizationId);
    const now = this.#parts.clock.now();
    const own = this.#own.on(now);
    const { day, spent } = this.#others;
    return organizationId !== null && day === dayOf(now) ? plus(own, spent) : own;
  }

  /**
   * Makes every recent team forget what the user spent.
   * @throws if one does not answer: call it again later.
   */
  async forget(): Promise<void> {
    const { organization, userId } = this.#parts;
    const teams = new Set(this.#former.map(({ id }) => id));
    if (this.#organizationId !== null) teams.add(this.#organizationId);
    for (const id of teams) {
      const team = () => organization(id);
      await reach(team, (it) => it.forget(userId), FORGET_MS);
    }
  }

  /**
   * If D1 does not answer, the token is believed. Access to the team's records is checked again where they are
   * read.
   */
  async #assertMember(organizationId: OrganizationId): Promise<void> {
    const { assertMember, log } = this.#parts;
    try {
      await withDeadline(DEADLINE_MS, () => assertMember(organizationId));
    } catch (error) {
      if (error instanceof ApexError && error.code === "token_expired") throw error;
      log.error("budget.members_unknown", error, { organization_id: organizationId });
    }
  }

  #belong(organizationId: OrganizationId | null): void {
    if (this.#organizationId === organizationId) return;
    this.#leave(this.#organizationId);
    this.#organizationId = organizationId;
    this.#others = { day: 0, spent: NOTHING_SPENT };
    this.#parts.storage.kv.put(ORGANIZATION, organizationId);
  }

  #leave(id: OrganizationId | null): void {
    if (id === null) return;
    const { clock, storage } = this.#parts;
    const today = dayOf(clock.now());
    const others = this.#former.filter((one) => one.id !== id && one.day >= today - KEPT_DAYS);
    this.#former = [...others, { id, day: today }];
    storage.kv.put(FORMER, this.#former);
  }

  async #askTeam(organizationId: OrganizationId): Promise<void> {
    const { clock, isOpen, log, organization, userId } = this.#parts;
    if (!isOpen()) return;
    const now = clock.now();
    const own = this.#own.on(now);
    try {
      const team = () => organization(organizationId);
      const all = await reach(team, (it) => it.tally(userId, now, own), DEADLINE_MS);
      this.#others = { day: dayOf(now), spent: minus(all, own) };
    } catch (error) {
      log.error("budget.team_away", error, { organization_id: organizationId });
    }
  }
}

/** A run of a model without a price counts its tokens only. */
function spentBy({ input_tokens, output_tokens, cost_usd }: RunUsage): Spend {
  return { tokens: input_tokens + output_tokens, usd: cost_usd ?? 0, runs: 1 };
}

/** @returns the difference, never below zero despite rounding. */
function minus(all: Spend, own: Spend): Spend {
  return {
    tokens: Math.max(0, all.tokens - own.tokens),
    usd: Math.max(0, all.usd - own.usd),
    runs: Math.max(0, all.runs - own.runs),
  };
}
