/** What an import would come to, before anything is stored. */
import { useEffect, useRef } from "react";
import type { ImportPreview } from "../../protocol/usage.ts";
import { TableHead } from "../design/table-head.tsx";
import { Wide } from "../design/wide.tsx";
import { type Told, useTold } from "../form/told.ts";
import { useWords } from "../words/words.ts";
import { Facts } from "./facts.tsx";
import type { ImportState } from "./import-state.ts";
import { RefusedList } from "./refused-list.tsx";
import type { Import } from "./use-import.ts";

interface Props {
  readonly tried: Extract<ImportState, { step: "previewed" }>;
  readonly current: Import;
}

/** Columns of an example that are shown. */
const SHOWN = ["ts", "request_model", "input_tokens", "output_tokens", "cost_computed"] as const;

export function Preview({ tried, current }: Props) {
  const { usage: words, form } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { file, preview } = tried;
  const isEmpty = preview.stored === 0;
  return (
    <div className="card usage-step">
      <h4 ref={heading} tabIndex={-1}>
        {words.preview.title(file.name)}
      </h4>
      <Facts facts={useFacts(preview)} />
      {isEmpty ? <p className="problem">{words.preview.nothing}</p> : <Examples {...preview} />}
      <RefusedList refused={preview.refused} />
      <div className="actions">
        <button type="button" onClick={() => current.work.reset()}>
          {isEmpty ? words.import.other : form.cancel}
        </button>
        {!isEmpty && (
          <button type="button" className="primary" onClick={() => void current.work.start(tried)}>
            {words.preview.go(preview.stored)}
          </button>
        )}
      </div>
    </div>
  );
}

function useFacts(preview: ImportPreview): readonly (readonly [string, string])[] {
  const { formats, preview: words } = useWords().usage;
  const told = useTold();
  const { format, stored, first_at, last_at, computed_usd, reported_usd, unpriced } = preview;
  const spend = told.usd(computed_usd);
  const rest = unpriced > 0 ? `${spend}; ${words.unpriced(told.count(unpriced))}` : spend;
  const counted = [
    [words.duplicates, preview.duplicates],
    [words.ignored, preview.ignored],
    [words.quarantined, preview.quarantined],
  ] as const;
  return [
    [words.format, formats[format]],
    [words.records, told.count(stored)],
    ...(first_at !== null && last_at !== null
      ? [[words.window, words.span(told.day(first_at), told.day(last_at))] as const]
      : []),
    ...(stored > 0 ? [[words.spend, rest] as const] : []),
    ...(reported_usd > 0 ? [[words.reported, told.usd(reported_usd)] as const] : []),
    ...counted.flatMap(([name, rows]) => (rows > 0 ? [[name, told.count(rows)] as const] : [])),
  ];
}

function Examples({ examples }: ImportPreview) {
  const words = useWords().usage.preview;
  const told = useTold();
  return (
    <details>
      <summary>{words.examples}</summary>
      <Wide label={words.examples}>
        <table>
          <TableHead
            columns={SHOWN.map((name) =>
              isNumber(name) ? { number: words.columns[name] } : words.columns[name],
            )}
          />
          <tbody>
            {examples.map((record) => (
              <tr key={String(record.record_id)}>
                {SHOWN.map((name) => (
                  <td key={name} className={isNumber(name) ? "number" : undefined}>
                    {cellOf(name, record[name], told)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </details>
  );
}

/** Whether the cells of a column are counts or amounts: a time is none. */
function isNumber(name: (typeof SHOWN)[number]): boolean {
  return name.endsWith("_tokens") || name.startsWith("cost_");
}

function cellOf(name: (typeof SHOWN)[number], value: unknown, told: Told): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return String(value);
  if (name === "ts") return told.moment(new Date(value).toISOString());
  return name === "cost_computed" ? told.usd(value) : told.count(value);
}
