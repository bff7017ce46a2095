/** All figures that a run's tools computed, each with its evidence. */

import type { RunView } from "../../protocol/thread-view.ts";
import { TableHead } from "../design/table-head.tsx";
import { Wide } from "../design/wide.tsx";
import { useWords } from "../words/words.ts";
import { CitedFigure } from "./evidence.tsx";
import { useFormats } from "./formats.ts";

/** More than so many are folded. */
const FEW = 20;

export function Findings({ run }: { readonly run: RunView }) {
  const { run: words } = useWords();
  const { findings } = run;
  if (findings.length <= FEW) return <FindingsTable run={run} />;
  return (
    <details className="findings">
      <summary>{words.allFigures(findings.length)}</summary>
      <FindingsTable run={run} />
    </details>
  );
}

function FindingsTable({ run }: { readonly run: RunView }) {
  const { run: words } = useWords();
  const { columns } = words;
  const { measure, count } = useFormats();
  return (
    <Wide label={words.figures}>
      <table className="figures">
        <caption>{words.figures}</caption>
        <TableHead
          columns={[
            columns.figure,
            { number: columns.value },
            { number: columns.records },
            columns.basis,
            columns.tool,
          ]}
        />
        <tbody>
          {run.findings.map(({ fact_id, name, value, unit, n_records, basis, tool_name }) => (
            <tr key={fact_id}>
              <th scope="row">{name}</th>
              <td className="number">
                <CitedFigure run={run} factId={fact_id}>
                  {measure(value, unit)}
                </CitedFigure>
              </td>
              <td className="number">{count(n_records)}</td>
              <td>{basis}</td>
              <td>{tool_name}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
