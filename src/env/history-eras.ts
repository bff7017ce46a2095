/** Whether the setting that spreads the history still says of each era in use what it said when that came into use. */
import * as z from "zod";
import type { HistoryShards } from "./history-shards.ts";
import { JsonText } from "./json-list.ts";

type Era = HistoryShards[number];

/** An era as the main database remembers it, read from its row. */
export const RememberedEra = z
  .object({
    begins_at: z.iso.datetime(),
    databases: JsonText.pipe(z.array(z.string())),
    in_use: z.union([z.literal(0), z.literal(1)]),
  })
  .transform((row) => ({
    /** In milliseconds since the Unix epoch, as in the setting. */
    from: Date.parse(row.begins_at),
    databases: row.databases,
    /** Whether the product served it after its moment. What is planned only may still change. */
    inUse: row.in_use === 1,
  }));
export type RememberedEra = z.output<typeof RememberedEra>;

/** What a comparison of the setting with what is remembered comes to. */
export interface ErasCompared {
  /** Where the setting contradicts what users were served by: a sentence each, with what to put back. */
  readonly contradictions: readonly string[];
  /** What is to be remembered from now on; nothing where there are contradictions. */
  readonly note: readonly RememberedEra[];
  /** The moments of eras that were planned, and given up before anybody was served by them. */
  readonly forget: readonly number[];
}

/**
 * Compares the setting with the eras that are remembered. If none are, the setting is used for the first time
 * and is taken as it is.
 * @param at.now in milliseconds since the Unix epoch.
 * @param at.newestAccount when the last account was made, likewise; null if there is none.
 */
export function compareEras(
  configured: HistoryShards,
  remembered: readonly RememberedEra[],
  at: { readonly now: number; readonly newestAccount: number | null },
): ErasCompared {
  const knownAt = new Map(remembered.map((era) => [era.from, era]));
  const isConfigured = new Set(configured.map(({ from }) => from));
  const contradictions: string[] = [];
  const note: RememberedEra[] = [];
  for (const era of configured) {
    const known = knownAt.get(era.from);
    const isSame = known !== undefined && nameList(known) === nameList(era);
    if (known?.inUse) {
      if (!isSame) contradictions.push(changed(known, era));
    } else if (era.from > at.now) {
      if (!isSame) note.push({ ...era, inUse: false });
    } else if (isSame || remembered.length === 0 || !wasMadeSince(era, at.newestAccount)) {
      note.push({ ...era, inUse: true });
    } else {
      contradictions.push(tooLate(era));
    }
  }
  const gone = remembered.filter(({ from }) => !isConfigured.has(from));
  contradictions.push(...gone.filter(({ inUse }) => inUse).map(missing));
  if (contradictions.length > 0) return { contradictions, note: [], forget: [] };
  const givenUp = gone.filter(({ from }) => from <= at.now);
  return { contradictions, note, forget: givenUp.map(({ from }) => from) };
}

function wasMadeSince({ from }: Era, newestAccount: number | null): boolean {
  return newestAccount !== null && newestAccount >= from;
}

const nameList = ({ databases }: Pick<RememberedEra, "databases">) => databases.join(", ");
const begin = ({ from }: Pick<RememberedEra, "from">) => new Date(from).toISOString();

function changed(known: RememberedEra, era: Era): string {
  return `the era from ${begin(known)} is in use with ${nameList(known)}, and now says ${nameList(era)}: put ${nameList(known)} back, in this order`;
}

function missing(known: RememberedEra): string {
  return `the era from ${begin(known)} is in use with ${nameList(known)}, and is not there any more: put it back`;
}

function tooLate(era: Era): string {
  return `the era from ${begin(era)} was added after its moment, and users who came since have their history elsewhere: let it begin at a moment that is still to come`;
}
