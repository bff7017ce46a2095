/** Folds calls into a workload, page by page, so that they are never all there as objects. */
import { costOf, type PriceLookup } from "../prices.ts";
import type { Call } from "../store.ts";
import { fingerprint, KeyTable } from "./key-table.ts";
import { PriceBook } from "./price-book.ts";
import { type CallModel, rateOfModel, type Workload } from "./workload.ts";

/** Numbers texts in the order they first come. */
class Names<Name> {
  readonly list: Name[] = [];
  readonly #ids = new Map<string, number>();

  idOf(key: string, name: Name): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.list.length);
    return this.list.push(name) - 1;
  }
}

/** A column that grows by doubling, since nobody knows how many calls a window holds. */
class Column<Values extends Float64Array | Int32Array | Int8Array | Uint8Array> {
  #values: Values;
  #length = 0;
  readonly #make: (length: number) => Values;

  constructor(make: (length: number) => Values) {
    this.#make = make;
    this.#values = make(4_096);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = this.#make(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** @returns the values, and nothing beyond the last. */
  done(): Values {
    const exact = this.#make(this.#length);
    exact.set(this.#values.subarray(0, this.#length));
    return exact;
  }
}

/** Stores keep fifteen digits of a cost; a billionth of a dollar is the noise of binary fractions. */
const isSame = (cost: number, other: number) => Math.abs(cost - other) < 1e-9;

const floats = () => new Column((length) => new Float64Array(length));
const whole = () => new Column((length) => new Int32Array(length));
const flags = () => new Column((length) => new Uint8Array(length));

/** Folds pages of calls, in the order of the store's scan, into a workload. */
export class WorkloadBuilder {
  readonly #prices: PriceBook;
  readonly #recordIds: string[] = [];
  readonly #models = new Names<CallModel>();
  readonly #features = new Names<string | null>();
  readonly #tiers = new Names<string | null>();
  readonly #kinds = new Names<null>();
  readonly #prompts = new KeyTable();
  readonly #blocks = new KeyTable();
  readonly #interactive = new Column((length) => new Int8Array(length));
  readonly #whole = {
    model: whole(),
    feature: whole(),
    tier: whole(),
    kind: whole(),
    prompt: whole(),
    blockStart: whole(),
    block: whole(),
    rate: whole(),
  };
  readonly #float = {
    ts: floats(),
    temperature: floats(),
    reasoning: floats(),
    latency: floats(),
    deadline: floats(),
    blockTokens: floats(),
    input: floats(),
    read: floats(),
    write: floats(),
    write1h: floats(),
    output: floats(),
    costs: floats(),
  };
  readonly #now = { calls: 0, usd: 0 };
  readonly #stored = { calls: 0, usd: 0 };
  readonly #versions = new Set<string>();
  #repriced = 0;
  readonly #flag = { failed: flags(), attended: flags() };

  constructor(prices: PriceLookup) {
    this.#prices = new PriceBook(prices);
  }

  add(page: readonly Call[]): void {
    for (const call of page) this.#addCall(call);
  }

  #addCall(call: Call): void {
    const { provider, request_model: asked, response_model: answered, service_tier: tier } = call;
    const model = this.#models.idOf(`${provider}\n${asked}\n${answered}`, {
      provider,
      asked,
      answered,
    });
    this.#recordIds.push(call.record_id);
    this.#whole.model.push(model);
    this.#whole.feature.push(this.#features.idOf(String(call.feature), call.feature));
    this.#whole.tier.push(this.#tiers.idOf(String(tier), tier));
    const parameters = [
      call.operation,
      call.request_reasoning_level,
      call.request_max_tokens,
      call.request_temperature,
      tier,
    ];
    this.#whole.kind.push(this.#kinds.idOf(`${model}\n${parameters.join("\n")}`, null));
    this.#whole.prompt.push(
      call.prompt_hmac === null ? -1 : this.#prompts.idOf(fingerprint(call.prompt_hmac)),
    );
    this.#whole.blockStart.push(this.#whole.block.length);
    for (const { hmac, tokens } of call.block_hmacs) {
      this.#whole.block.push(this.#blocks.idOf(fingerprint(hmac)));
      this.#float.blockTokens.push(tokens);
    }
    const named = { provider, asked, answered };
    const rate = rateOfModel(this.#prices, named, tier, call.ts, call.input_tokens);
    const rates = this.#prices.rates[rate];
    this.#whole.rate.push(rate);
    const cost = rates ? costOf(call, rates) : null;
    this.#compare(cost, call.cost_computed);
    if (cost !== null) this.#versions.add(this.#prices.versions[rate] ?? "");
    this.#float.costs.push(cost ?? 0);
    this.#float.ts.push(call.ts);
    this.#float.temperature.push(call.request_temperature ?? Number.NaN);
    this.#float.reasoning.push(call.reasoning_tokens);
    this.#float.latency.push(call.latency_ms ?? Number.NaN);
    this.#float.deadline.push(call.deadline_h ?? Number.NaN);
    this.#float.input.push(call.input_tokens);
    this.#float.read.push(call.cache_read_tokens);
    this.#float.write.push(call.cache_write_tokens);
    this.#float.write1h.push(call.cache_write_1h_tokens);
    this.#float.output.push(call.output_tokens);
    this.#flag.failed.push(call.status === "error" ? 1 : 0);
    this.#flag.attended.push(call.user_hash !== null || call.request_stream === 1 ? 1 : 0);
    this.#interactive.push(call.interactive ?? -1);
  }

  #compare(now: number | null, stored: number | null): void {
    for (const [spent, cost] of [[this.#now, now] as const, [this.#stored, stored] as const]) {
      spent.calls += cost === null ? 0 : 1;
      spent.usd += cost ?? 0;
    }
    const same = now === null || stored === null ? now === stored : isSame(now, stored);
    if (!same) this.#repriced += 1;
  }

  build(): Workload {
    const { rate, blockStart, ...whole } = this.#whole;
    const { input, read, write, write1h, output, costs, ...float } = this.#float;
    blockStart.push(whole.block.length);
    const size = this.#recordIds.length;
    const model = whole.model.done();
    return {
      size,
      recordIds: this.#recordIds,
      ts: float.ts.done(),
      model,
      feature: whole.feature.done(),
      tier: whole.tier.done(),
      models: this.#models.list,
      features: this.#features.list,
      tiers: this.#tiers.list,
      kind: whole.kind.done(),
      temperature: float.temperature.done(),
      prompt: whole.prompt.done(),
      reasoning: float.reasoning.done(),
      latency: float.latency.done(),
      failed: this.#flag.failed.done(),
      interactive: this.#interactive.done(),
      attended: this.#flag.attended.done(),
      deadline: float.deadline.done(),
      blockStart: blockStart.done(),
      block: whole.block.done(),
      blockTokens: float.blockTokens.done(),
      blocks: this.#blocks.size,
      prices: this.#prices,
      asMade: {
        weight: new Float64Array(size).fill(1),
        model,
        rate: rate.done(),
        input: input.done(),
        read: read.done(),
        write: write.done(),
        write1h: write1h.done(),
        output: output.done(),
      },
      costs: costs.done(),
      priced: {
        now: this.#now,
        stored: this.#stored,
        repriced: this.#repriced,
        versions: [...this.#versions].sort(),
      },
    };
  }
}
