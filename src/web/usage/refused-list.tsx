/** Rows that were set aside: how many, why, and where the first of them stand. */
import type { RefusedRows } from "../../protocol/usage.ts";
import { useTold } from "../form/told.ts";
import { useWords } from "../words/words.ts";
import { useReasonWords } from "./reason-words.ts";

export function RefusedList({ refused }: { readonly refused: readonly RefusedRows[] }) {
  const words = useWords().usage.refused;
  const told = useTold();
  const tellReason = useReasonWords();
  if (refused.length === 0) return null;
  return (
    <section className="refused" aria-label={words.title}>
      <h4>{words.title}</h4>
      <p className="hint">{words.hint}</p>
      <ul>
        {refused.map(({ reason, rows, lines, ...rest }) => (
          <li key={reason}>
            <strong>{words.rows(told.count(rows))}</strong> {tellReason({ reason, ...rest })}
            {lines.length > 0 && (
              <span className="hint">
                {" "}
                {words.lines(lines.length, lines.map(told.count).join(", "))}
                {rows > lines.length && ` ${words.more}`}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
