/** Prices of a workspace's own, by contract: they go before the price list's, at the record's own time. */
import * as z from "zod";
import { newId, timestamp } from "../core/clock.ts";
import { ApexError } from "../protocol/errors.ts";
import { Price, type PriceBody } from "../protocol/usage.ts";
import { d1Query } from "./d1-query.ts";
import { cataloguePrices, isStandardTier, type PriceLookup, type PriceQuery } from "./prices.ts";
import { JsonText } from "./stored-json.ts";
import { assertOwner, hasOwner } from "./workspace-owner.ts";

/** The most prices of one workspace: each record that comes in is held against all of them. */
const MAX_PRICES = 500;

const PriceRow = z
  .object({
    price_id: z.string(),
    provider: z.string(),
    model_pattern: z.string(),
    service_tier: z.string(),
    rates: JsonText.pipe(Price.shape.rates),
    valid_from: z.number().transform(timestamp),
    valid_to: z.number().transform(timestamp).nullable(),
    source: z.string(),
    checked_at: z.string(),
  })
  .transform(({ price_id, ...row }): Price => ({ id: price_id, ...row }));

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class PriceOverrides {
  readonly #workspaceId: string;
  readonly #db: D1Database;
  readonly #query: ReturnType<typeof d1Query>;

  constructor(db: D1Database, workspaceId: string) {
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#query = d1Query(db);
  }

  /** @returns all of them, the newest first. */
  list(): Promise<Price[]> {
    const sql =
      "SELECT * FROM usage_prices WHERE workspace_id = ?1 ORDER BY valid_from DESC, price_id DESC";
    return this.#query.rows(PriceRow, sql, [this.#workspaceId]);
  }

  /** Counts for records that come in from now on. @throws {ApexError} `quota_exceeded` past {@link MAX_PRICES}; `forbidden` where the workspace is nobody's any more. */
  async add(price: PriceBody, now: number): Promise<Price> {
    const added: Price = { ...price, id: newId(), checked_at: timestamp(now) };
    const to = added.valid_to === null ? null : Date.parse(added.valid_to);
    const statement = this.#db
      .prepare(
        `INSERT INTO usage_prices (workspace_id, price_id, provider, model_pattern, service_tier, rates,
           valid_from, valid_to, source, checked_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
         WHERE ${hasOwner("?1")}
           AND (SELECT count(*) FROM usage_prices WHERE workspace_id = ?1) < ${MAX_PRICES}`,
      )
      .bind(
        this.#workspaceId,
        added.id,
        added.provider,
        added.model_pattern,
        added.service_tier,
        JSON.stringify(added.rates),
        Date.parse(added.valid_from),
        to,
        added.source,
        added.checked_at,
      );
    const [inserted] = await this.#query.transact([statement]);
    if (inserted === 1) return added;
    await assertOwner(this.#db, this.#workspaceId);
    throw new ApexError(
      "quota_exceeded",
      `A workspace has ${MAX_PRICES} prices at most. Delete one first.`,
    );
  }

  /** @returns false where there is none of this id. */
  async remove(id: string): Promise<boolean> {
    const sql = "DELETE FROM usage_prices WHERE workspace_id = ?1 AND price_id = ?2";
    const [removed] = await this.#query.transact([
      this.#db.prepare(sql).bind(this.#workspaceId, id),
    ]);
    return removed === 1;
  }

  /** @returns a lookup with these before the price list. */
  async lookup(): Promise<PriceLookup> {
    return withOverrides(await this.list());
  }
}

/** @returns a lookup that takes the first override that fits, the one that began last, else the price list. */
export function withOverrides(prices: readonly Price[], otherwise = cataloguePrices): PriceLookup {
  const newestFirst = prices.toSorted((a, b) => (a.valid_from < b.valid_from ? 1 : -1));
  return (query) => {
    const found = newestFirst.find((price) => fits(price, query));
    if (found === undefined) return otherwise(query);
    return { rates: found.rates, version: `override:${found.id}` };
  };
}

function fits(price: Price, { provider, model, serviceTier, at }: PriceQuery): boolean {
  const { model_pattern: pattern, service_tier, valid_from, valid_to } = price;
  const isModel = pattern.endsWith("*")
    ? model.startsWith(pattern.slice(0, -1))
    : model === pattern;
  const isTier = isStandardTier(service_tier)
    ? isStandardTier(serviceTier)
    : service_tier === serviceTier;
  const isThen = Date.parse(valid_from) <= at && (valid_to === null || at < Date.parse(valid_to));
  return price.provider === provider && isModel && isTier && isThen;
}
