/** The lists of a report: its risks, what to watch, and who did what. */

import type { ReactNode } from "react";
import type { Report } from "../../protocol/report.ts";
import { type Column, TableHead } from "../design/table-head.tsx";
import { Wide } from "../design/wide.tsx";
import { agentName } from "../run/agent-name.ts";
import { useWords } from "../words/words.ts";

/** A table that scrolls by itself where the page is narrow. */
export function Table(props: {
  readonly name: string;
  readonly head: readonly Column[];
  readonly children: ReactNode;
}) {
  const { name, head, children } = props;
  return (
    <Wide label={name}>
      <table className="report-table">
        <TableHead columns={head} />
        <tbody>{children}</tbody>
      </table>
    </Wide>
  );
}

export function Risks({ risks }: Pick<Report, "risks">) {
  const { columns, sections } = useWords().report;
  return (
    <Table name={sections.risks} head={[columns.risk, columns.mitigation]}>
      {risks.map(({ title, mitigation }) => (
        <tr key={title}>
          <th scope="row">{title}</th>
          <td>{mitigation}</td>
        </tr>
      ))}
    </Table>
  );
}

export function Kpis({ kpis }: Pick<Report, "kpis">) {
  const { columns, sections } = useWords().report;
  return (
    <Table name={sections.kpis} head={[columns.measure, columns.now, columns.target]}>
      {kpis.map(({ name, now, target }) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td>{now}</td>
          <td>{target}</td>
        </tr>
      ))}
    </Table>
  );
}

export function Agents({ agents }: Pick<Report, "agents">) {
  const words = useWords();
  const { columns, sections, agentStatus } = words.report;
  return (
    <Table
      name={sections.agents}
      head={[columns.agent, columns.status, { number: columns.calls }, columns.did]}
    >
      {agents.map(({ agent, status, tool_calls, summary }) => (
        <tr key={agent}>
          <th scope="row">{agentName(words, agent)}</th>
          <td>{agentStatus[status]}</td>
          <td className="number">{tool_calls}</td>
          <td>{summary}</td>
        </tr>
      ))}
    </Table>
  );
}
