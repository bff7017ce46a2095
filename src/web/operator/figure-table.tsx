/** Figures in rows: what each is called and means, how large it is, and what it is a sign of. */
import type { ReactNode } from "react";
import { TableHead } from "../design/table-head.tsx";
import { Wide } from "../design/wide.tsx";
import type { CountName, DurationName, GaugeName } from "./figure-rules.ts";
import type { Sign } from "./figures.ts";
import { RunbookLink } from "./runbook-link.tsx";
import { useOperatorWords } from "./use-operator-words.ts";

const TONES = { fine: "success", earlier: "warning", rising: "danger", now: "danger" } as const;

interface FigureRow {
  readonly name: CountName | GaugeName | DurationName;
  /** What stands in the columns. */
  readonly cells: readonly ReactNode[];
  /** null where the figure is no sign of anything; none at all where no row of the table has one. */
  readonly sign?: Sign | null;
  readonly event?: string | null;
}

interface Props {
  readonly label: string;
  /** The names of the columns of figures. */
  readonly columns: readonly string[];
  readonly rows: readonly FigureRow[];
}

export function FigureTable({ label, columns, rows }: Props) {
  const words = useOperatorWords().figures;
  const hasSigns = rows.some(({ sign }) => sign !== undefined);
  return (
    <Wide label={label}>
      <table className="figure-table" aria-label={label}>
        <TableHead
          columns={[
            words.figure,
            ...columns.map((number) => ({ number })),
            ...(hasSigns ? [words.sign] : []),
          ]}
        />
        <tbody>
          {rows.map((row) => (
            <Row key={row.name} row={row} columns={columns} />
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

interface RowProps {
  readonly row: FigureRow;
  readonly columns: readonly string[];
}

function Row({ row: { name, cells, sign, event }, columns }: RowProps) {
  const words = useOperatorWords().figures;
  const [called, meaning] = words.names[name];
  return (
    <tr>
      <th scope="row">
        {called} <span className="hint">{meaning}</span>
      </th>
      {columns.map((column, index) => (
        <td key={column} className="number">
          {cells[index]}
        </td>
      ))}
      {sign !== undefined && (
        <td>
          {sign !== null && (
            <span className="badge" data-tone={TONES[sign]}>
              {words.signs[sign]}
            </span>
          )}{" "}
          <RunbookLink event={event} of={called} />
        </td>
      )}
    </tr>
  );
}
