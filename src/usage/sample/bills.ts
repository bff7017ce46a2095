/** The bills of the sample company and of its counterfactuals, held against each other record by record. */
import { cataloguePrices, type PriceLookup, priceRecord } from "../prices.ts";
import type { UsageRecord } from "../record.ts";
import { type Emission, type SampleOptions, streamOf } from "../sample.ts";
import { dailyPrices } from "./daily-prices.ts";
import { FEATURES, type Feature } from "./features.ts";
import type { Plant } from "./plants.ts";

/** A true saving over the whole window. */
export interface TrueSaving {
  readonly usd: number;
  /** Records that would cost something else, or would not be there. */
  readonly records: number;
}

export interface BillOptions extends SampleOptions {
  readonly prices?: PriceLookup;
  /** How long kept answers are given again; milliseconds. */
  readonly answerTtlMs?: number;
}

/** The difference that leaving something out makes to one feature. */
interface Difference extends TrueSaving {
  readonly usdByDay: readonly number[];
}

const NOTHING = 1e-12;

export class Bills {
  readonly #options: BillOptions;
  readonly #prices: PriceLookup;
  readonly #known = new Map<string, Difference>();

  constructor(options: BillOptions) {
    this.#options = options;
    this.#prices = dailyPrices(options.prices ?? cataloguePrices);
  }

  /** @returns USD that the company as it is costs. */
  spend(): number {
    return FEATURES.flatMap((feature) => [...this.#emit(feature, {})])
      .map((records) => sum(records.map((record) => this.#costOf(record))))
      .reduce((total, usd) => total + usd, 0);
  }

  /** @returns what the company saves that is without these plants. */
  without(plants: readonly Plant[]): TrueSaving {
    const parts = FEATURES.map((feature) => this.withoutAt(feature, plants));
    return {
      usd: sum(parts.map(({ usd }) => usd)),
      records: sum(parts.map((part) => part.records)),
    };
  }

  /** @returns what one feature saves without these plants. */
  withoutAt(feature: Feature, plants: readonly Plant[]): Difference {
    const absent = plants.filter((plant) => plant in feature.plants);
    const key = `${feature.name}: ${absent.toSorted().join()}`;
    const known = this.#known.get(key);
    if (known) return known;
    const difference = this.#compare(feature, { isPlanted: (plant) => !absent.includes(plant) });
    this.#known.set(key, difference);
    return difference;
  }

  /** @returns what is saved where no call fails, and none is answered too late. */
  withoutWaste(): number {
    const isMade: Emission["isMade"] = ({ outcome }) => outcome === "answered";
    return sum(FEATURES.map((feature) => this.#compare(feature, { isMade }).usd));
  }

  #compare(feature: Feature, changed: Partial<Emission>): Difference {
    const counterfactual = this.#emit(feature, changed);
    let records = 0;
    const usdByDay: number[] = [];
    for (const day of this.#emit(feature, {})) {
      const after = new Map<string, number>();
      for (const record of counterfactual.next().value ?? []) {
        after.set(record.record_id, this.#costOf(record));
      }
      let usd = 0;
      for (const record of day) {
        const saved = this.#costOf(record) - (after.get(record.record_id) ?? 0);
        if (Math.abs(saved) > NOTHING) records += 1;
        usd += saved;
      }
      usdByDay.push(usd);
    }
    return { usd: sum(usdByDay), records, usdByDay };
  }

  #emit(feature: Feature, changed: Partial<Emission>): Generator<UsageRecord[], undefined> {
    const { company, answerTtlMs } = this.#options;
    return streamOf(feature, this.#options, {
      isPlanted: (plant) => company !== "control" && (changed.isPlanted?.(plant) ?? true),
      prices: this.#prices,
      ...(changed.isMade && { isMade: changed.isMade }),
      ...(answerTtlMs !== undefined && { answerTtlMs }),
    });
  }

  #costOf(record: UsageRecord): number {
    return priceRecord(record, this.#prices).cost_computed ?? 0;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
