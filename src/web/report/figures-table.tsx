/** Figures of a report with their bounds. */
import type { ReportFigure } from "../../protocol/report.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { useFormats } from "../run/formats.ts";
import { useWords } from "../words/words.ts";
import { FigureValue } from "./figure-value.tsx";
import { Table } from "./report-tables.tsx";

interface Props {
  readonly run: RunView | undefined;
  readonly figures: readonly ReportFigure[];
  readonly name: string;
}

export function FiguresTable({ run, figures, name: label }: Props) {
  const { report: words } = useWords();
  const { measure, amount } = useFormats();
  const { columns } = words;
  return (
    <Table name={label} head={[columns.figure, { number: columns.value }]}>
      {figures.map(({ name, value, unit, interval, fact_id }) => (
        <tr key={fact_id}>
          <th scope="row">{name}</th>
          <td className="number">
            <FigureValue run={run} factId={fact_id}>
              {measure(value, unit)}
            </FigureValue>
            {interval !== null && (
              <span className="bounds">
                {words.range(amount(interval.low, unit), amount(interval.high, unit))}
              </span>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
