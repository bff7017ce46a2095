/** What failed calls and superseded attempts cost: money without an answer that anybody used. */
import type { Call } from "../store.ts";

/** What a call that came to nothing is known by. */
export interface WasteKey {
  /** Why it was wasted: it failed, or a later attempt took its place though it had succeeded. */
  readonly reason: "failed" | "superseded";
  readonly errorType: string | null;
  readonly feature: string | null;
}

/** Calls that came to nothing, and what they cost; USD over the priced ones. */
export interface Waste extends WasteKey {
  readonly calls: number;
  readonly usd: number;
}

export interface WasteReport {
  readonly calls: number;
  readonly failedCalls: number;
  /** Failed calls that are known to have used tokens, and so to have cost something. */
  readonly chargedFailedCalls: number;
  readonly supersededCalls: number;
  readonly failedUsd: number;
  readonly supersededUsd: number;
  /** Calls that say which request they are an attempt at. */
  readonly callsWithRequest: number;
  /** Wasted calls without a known price: they are in no sum. */
  readonly unpricedCalls: number;
  /** By reason, error and feature, the costliest first. */
  readonly parts: readonly Waste[];
}

type WastedCall = Pick<
  Call,
  | "logical_request_id"
  | "attempt"
  | "status"
  | "error_type"
  | "feature"
  | "cost_computed"
  | "input_tokens"
  | "output_tokens"
>;

/** The latest attempts known at a request: those that succeeded may yet be superseded. */
interface Latest {
  readonly attempt: number;
  readonly succeeded: readonly { readonly feature: string | null; readonly usd: number | null }[];
}

/** Adds calls up, page after page, in whatever order they come: each is wasted once or not at all. */
export class WasteCount {
  #calls = 0;
  #failedCalls = 0;
  #chargedFailedCalls = 0;
  #callsWithRequest = 0;
  #unpricedCalls = 0;
  readonly #parts = new Map<string, Waste>();
  readonly #latest = new Map<string, Latest>();

  add(calls: readonly WastedCall[]): void {
    for (const call of calls) {
      this.#calls += 1;
      if (call.status === "error") this.#fail(call);
      this.#attempt(call);
    }
  }

  report(): WasteReport {
    const parts = [...this.#parts.values()].toSorted(
      (left, right) => right.usd - left.usd || right.calls - left.calls || compare(left, right),
    );
    const of = (reason: Waste["reason"]) => parts.filter((part) => part.reason === reason);
    const sum = (list: readonly Waste[], field: "usd" | "calls") =>
      list.reduce((total, part) => total + part[field], 0);
    return {
      calls: this.#calls,
      failedCalls: this.#failedCalls,
      chargedFailedCalls: this.#chargedFailedCalls,
      supersededCalls: sum(of("superseded"), "calls"),
      failedUsd: sum(of("failed"), "usd"),
      supersededUsd: sum(of("superseded"), "usd"),
      callsWithRequest: this.#callsWithRequest,
      unpricedCalls: this.#unpricedCalls,
      parts,
    };
  }

  /** A failure without tokens was turned away at the door, and cost nothing. */
  #fail({ error_type: errorType, feature, cost_computed: usd, ...call }: WastedCall): void {
    this.#failedCalls += 1;
    if (call.input_tokens + call.output_tokens === 0) return;
    this.#chargedFailedCalls += 1;
    this.#waste({ reason: "failed", errorType, feature }, usd);
  }

  /** Attempts alike in number stand side by side: neither took the other's place. */
  #attempt({ logical_request_id: id, attempt, status, feature, cost_computed: usd }: WastedCall) {
    if (id === null) return;
    this.#callsWithRequest += 1;
    const succeeded = status === "ok" ? [{ feature, usd }] : [];
    const latest = this.#latest.get(id);
    if (latest === undefined || attempt > latest.attempt) {
      this.#latest.set(id, { attempt, succeeded });
      this.#supersede(latest?.succeeded ?? []);
    } else if (attempt < latest.attempt) {
      this.#supersede(succeeded);
    } else {
      this.#latest.set(id, { attempt, succeeded: [...latest.succeeded, ...succeeded] });
    }
  }

  #supersede(succeeded: Latest["succeeded"]): void {
    for (const { feature, usd } of succeeded) {
      this.#waste({ reason: "superseded", errorType: null, feature }, usd);
    }
  }

  #waste(key: WasteKey, usd: number | null): void {
    if (usd === null) this.#unpricedCalls += 1;
    const name = JSON.stringify([key.reason, key.errorType, key.feature]);
    const known = this.#parts.get(name) ?? { ...key, calls: 0, usd: 0 };
    this.#parts.set(name, { ...known, calls: known.calls + 1, usd: known.usd + (usd ?? 0) });
  }
}

function compare(left: WasteKey, right: WasteKey): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}
