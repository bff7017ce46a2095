/** Shown for a file that was not understood: the reason, and a way to say what format it has. */
import { ImportFormat } from "../../protocol/usage.ts";
import { Choice, TextField } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import type { ImportState } from "./import-state.ts";
import type { Import } from "./use-import.ts";

interface Props {
  readonly state: Extract<ImportState, { step: "refused" }>;
  readonly current: Import;
}

export function Refusal({ state: { file, options, why }, current }: Props) {
  const { import: words, formats } = useWords().usage;
  const problem = typeof why === "string" ? null : why;
  const isAboutReading = (problem?.errors ?? []).some(({ field }) =>
    /^(format|column_map)\b/.test(field),
  );
  return (
    <div className="card usage-step">
      <h4>{file.name}</h4>
      {typeof why === "string" || isAboutReading ? (
        <p className="problem" role="alert">
          {typeof why === "string" ? words[why] : words.notUnderstood}
        </p>
      ) : (
        <ProblemNote problem={problem} />
      )}
      <div>
        <button type="button" className="primary" onClick={() => current.work.reset()}>
          {words.other}
        </button>
      </div>
      {file.size > 0 && (
        <details open={isAboutReading}>
          <summary>{words.options}</summary>
          <p className="hint">{words.optionsHint}</p>
          <Form
            label={words.options}
            action={words.again}
            earlier={problem}
            onSubmit={async (typed) => {
              const format = ImportFormat.safeParse(typed.get("format")).data;
              const columns = String(typed.get("column_map")).trim();
              await current.work.choose(file, { format, column_map: columns || undefined });
              return undefined;
            }}
          >
            <Choice
              name="format"
              label={words.format}
              faults={words.formatFaults}
              defaultValue={options.format ?? ""}
            >
              <option value="">{words.formatTold}</option>
              {ImportFormat.options.map((format) => (
                <option key={format} value={format}>
                  {formats[format]}
                </option>
              ))}
            </Choice>
            <TextField
              name="column_map"
              label={words.columns}
              hint={words.columnsHint}
              faults={words.columnsFaults}
              defaultValue={options.column_map ?? ""}
              spellCheck={false}
            />
          </Form>
        </details>
      )}
    </div>
  );
}
