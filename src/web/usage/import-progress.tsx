/** An import under way, stopped, and done. */
import { useEffect, useRef } from "react";
import { ConfirmButton } from "../form/dialog-button.tsx";
import { useTold } from "../form/told.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import { AskAboutIt } from "./extent.tsx";
import { Facts } from "./facts.tsx";
import { FileButton } from "./file-button.tsx";
import type { ImportState } from "./import-state.ts";
import { RefusedList } from "./refused-list.tsx";
import type { Import } from "./use-import.ts";

interface Props<Step extends ImportState["step"]> {
  readonly state: Extract<ImportState, { step: Step }>;
  readonly current: Import;
}

/** The bar is read out when one comes to it; it does not chatter by itself. */
export function ImportProgress({ state, current }: Props<"importing">) {
  const { progress: words, import: common } = useWords().usage;
  const told = useTold();
  const { file, preview, so } = state;
  const rows = so?.rows ?? 0;
  return (
    <div className="card usage-step">
      <p role="status">{words.title(file.name)}</p>
      <progress aria-label={words.label} value={rows} max={preview.rows} />
      <p className="hint">{words.of(told.count(rows), preview.rows)}</p>
      <div>
        <button type="button" onClick={() => current.work.cancel()}>
          {common.cancel}
        </button>
      </div>
    </div>
  );
}

export function StoppedImport({ state, current }: Props<"stopped">) {
  const { progress: words } = useWords().usage;
  const told = useTold();
  const { file, preview, so, problem } = state;
  return (
    <div className="card usage-step">
      <h4>{file.name}</h4>
      <p role="status">{problem === null ? words.stopped : words.failed}</p>
      <ProblemNote problem={problem} />
      {so !== null && <p className="hint">{words.of(told.count(so.rows), preview.rows)}</p>}
      <div className="actions">
        {so === null ? <Other current={current} /> : <TakeBack id={so.id} current={current} />}
        <button type="button" className="primary" onClick={() => void current.work.start(state)}>
          {words.resume}
        </button>
      </div>
    </div>
  );
}

/** After a reload: what was stored counts, and the same file goes on where it was. */
export function InterruptedImport({ state, current }: Props<"interrupted">) {
  const { progress: words, import: common } = useWords().usage;
  const told = useTold();
  const { note, so, goesOn } = state;
  return (
    <div className="card usage-step">
      <h4>{note.name}</h4>
      <p role="status">{(goesOn ? words.goesOn : words.interrupted)(note.name)}</p>
      {so !== null && (
        <>
          <progress aria-label={words.label} value={so.rows} max={note.rows} />
          <p className="hint">{words.of(told.count(so.rows), note.rows)}</p>
        </>
      )}
      {!goesOn && (
        <div className="actions">
          {so === null ? <Other current={current} /> : <TakeBack id={note.id} current={current} />}
          <FileButton label={common.choose} onFile={(file) => void current.work.choose(file)} />
        </div>
      )}
    </div>
  );
}

export function ImportResult({ state, current }: Props<"finished">) {
  const words = useWords().usage;
  const told = useTold();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { name, receipt } = state;
  const { id, stored, known, duplicates, ignored, quarantined } = receipt.import;
  const rows = [
    [words.result.known, known],
    [words.preview.duplicates, duplicates],
    [words.preview.ignored, ignored],
    [words.preview.quarantined, quarantined],
  ] as const;
  return (
    <div className="card usage-step">
      <h4 ref={heading} tabIndex={-1}>
        {words.result.title(name)}
      </h4>
      <Facts
        facts={[
          [words.result.stored, told.count(stored)],
          ...rows.flatMap(([what, count]) =>
            count > 0 ? [[what, told.count(count)] as const] : [],
          ),
        ]}
      />
      <RefusedList refused={receipt.refused} />
      <div className="actions">
        <TakeBack id={id} current={current} />
        <button type="button" onClick={() => current.work.reset()}>
          {words.result.another}
        </button>
        <AskAboutIt isPrimary />
      </div>
    </div>
  );
}

function Other({ current }: { readonly current: Import }) {
  return (
    <button type="button" onClick={() => current.work.reset()}>
      {useWords().usage.import.other}
    </button>
  );
}

function TakeBack({ id, current }: { readonly id: string; readonly current: Import }) {
  const words = useWords().usage.progress;
  return (
    <ConfirmButton
      label={words.takeBack}
      title={words.takeBackTitle}
      action={words.takeBackAction}
      onConfirm={() => current.work.takeBack(id)}
    >
      {words.takeBackText}
    </ConfirmButton>
  );
}
