/** What a tool told beside its figures, as far as a reader of one of them wants to know it. */
import { isObject, list, text } from "../../client/checks.ts";
import type { Finding } from "../../protocol/entities.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { callsIn } from "./team-parts.ts";

interface Background {
  readonly window: { readonly from: string; readonly to: string } | null;
  readonly prices: string | null;
  readonly records: readonly string[];
  readonly assumptions: readonly string[];
}

/** @returns null where the call is not known here, or told nothing that can be read. */
export function backgroundOf({ timeline }: RunView, { call_id }: Finding): Background | null {
  const results = callsIn(timeline).find(({ callId }) => callId === call_id)?.results;
  if (!isObject(results)) return null;
  const { window, price_version, evidence, assumptions } = results;
  return {
    window:
      isObject(window) && text(window.from) && text(window.to)
        ? { from: window.from, to: window.to }
        : null,
    prices: text(price_version) ? price_version : null,
    records: isObject(evidence) ? textsOf(evidence.sample_record_ids) : [],
    assumptions: textsOf(assumptions),
  };
}

const isTexts = list<string>(text);

function textsOf(value: unknown): readonly string[] {
  return isTexts(value) ? value : [];
}
