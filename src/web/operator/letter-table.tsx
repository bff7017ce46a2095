/** Dead letters in rows: what each is of, and why it was refused; nothing of what was said. */
import type { DeadLetter } from "../../protocol/api.ts";
import { TableHead } from "../design/table-head.tsx";
import { Wide } from "../design/wide.tsx";
import { useTold } from "../form/told.ts";
import { useOperatorWords } from "./use-operator-words.ts";

interface Props {
  readonly label: string;
  readonly letters: readonly DeadLetter[];
}

export function LetterTable({ label, letters }: Props) {
  const words = useOperatorWords().letters;
  const told = useTold();
  return (
    <Wide label={label}>
      <table aria-label={label}>
        <TableHead
          columns={[
            words.refusedAt,
            words.kind,
            words.reason,
            words.subject,
            { number: words.version },
            { number: words.size },
          ]}
        />
        <tbody>
          {letters.map(({ id, refused_at, kind, reason, subject_id, version, characters }) => (
            <tr key={id}>
              <td>
                <time dateTime={refused_at}>{told.moment(refused_at)}</time>
              </td>
              <td>{kind}</td>
              <td>
                <code>{reason}</code>
              </td>
              <td>{subject_id}</td>
              <td className="number">{told.count(version)}</td>
              <td className="number">{told.count(characters)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
