/** The ledger: every run that has ended, and what it cost. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import type { LedgerEntry, LedgerQuery } from "../../protocol/budget.ts";
import { ApexError } from "../../protocol/errors.ts";
import { useSignedIn } from "../client-context.ts";
import { Part } from "../design/section.tsx";
import { TableHead } from "../design/table-head.tsx";
import { Wide } from "../design/wide.tsx";
import { ShowMore } from "../form/show-more.tsx";
import { useTold } from "../form/told.ts";
import { pathOf } from "../paths.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";

const NEWEST: Partial<LedgerQuery> = {};

export function LedgerPart() {
  const { client } = useSignedIn();
  const words = useWords();
  const { budget } = words.settings;
  const told = useTold();
  const ledger = useInfiniteQuery({
    queryKey: ["ledger"],
    queryFn: ({ pageParam }) => client.budget.ledger(pageParam),
    initialPageParam: NEWEST,
    getNextPageParam: ({ next_cursor }): Partial<LedgerQuery> | null =>
      next_cursor === null ? null : { cursor: next_cursor },
    staleTime: 0,
  });
  const entries = ledger.data?.pages.flatMap(({ data }) => data) ?? [];
  const total = ledger.data?.pages[0]?.total;
  return (
    <Part title={budget.ledger} hint={budget.ledgerHint}>
      {ledger.error && <ProblemNote problem={ApexError.from(ledger.error)} />}
      {ledger.isSuccess && entries.length === 0 && <p>{budget.empty}</p>}
      {entries.length > 0 && (
        <>
          {total && <p>{budget.total(total.runs, told.usd(total.cost_usd))}</p>}
          <Wide label={budget.ledger}>
            <table>
              <TableHead
                columns={[
                  budget.when,
                  budget.model,
                  budget.status,
                  { number: budget.tokens },
                  { number: budget.cost },
                ]}
              />
              <tbody>
                {entries.map((entry) => (
                  <Row key={`${entry.run_id} ${entry.ended_at}`} entry={entry} />
                ))}
              </tbody>
            </table>
          </Wide>
        </>
      )}
      <ShowMore list={ledger} />
    </Part>
  );
}

function Row({ entry }: { readonly entry: LedgerEntry }) {
  const { budget } = useWords().settings;
  const told = useTold();
  const { cost_usd, estimated, input_tokens, output_tokens } = entry.usage;
  const cost = cost_usd === null ? budget.unpriced : told.usd(cost_usd);
  return (
    <tr>
      <td>
        <Link href={pathOf(entry.thread_id)}>{told.moment(entry.ended_at)}</Link>
      </td>
      <td>{entry.model}</td>
      <td>{budget.statuses[entry.status]}</td>
      <td className="number">
        {told.count(input_tokens)} / {told.count(output_tokens)}
      </td>
      <td className="number">{estimated && cost_usd !== null ? budget.about(cost) : cost}</td>
    </tr>
  );
}
