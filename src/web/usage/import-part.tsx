/** The import, at whichever step it is. */
import { UploadIcon } from "../design/icons.tsx";
import { Part } from "../design/section.tsx";
import { useWords } from "../words/words.ts";
import { FileButton } from "./file-button.tsx";
import {
  ImportProgress,
  ImportResult,
  InterruptedImport,
  StoppedImport,
} from "./import-progress.tsx";
import { Preview } from "./preview.tsx";
import { Refusal } from "./refusal.tsx";
import type { Import } from "./use-import.ts";

export function ImportPart({ current }: { readonly current: Import }) {
  const words = useWords().usage.import;
  return (
    <Part title={words.title}>
      <Step current={current} />
    </Part>
  );
}

function Step({ current }: { readonly current: Import }) {
  const words = useWords().usage.import;
  const { state } = current;
  switch (state.step) {
    case "idle":
      return <DropZone onFile={(file) => void current.work.choose(file)} />;
    case "reading":
      return (
        <div className="card usage-step">
          <p role="status">{words.reading(state.file.name)}</p>
          <progress aria-label={words.reading(state.file.name)} />
          <div>
            <button type="button" onClick={() => current.work.cancel()}>
              {words.cancel}
            </button>
          </div>
        </div>
      );
    case "refused":
      return <Refusal state={state} current={current} />;
    case "previewed":
      return <Preview tried={state} current={current} />;
    case "importing":
      return <ImportProgress state={state} current={current} />;
    case "stopped":
      return <StoppedImport state={state} current={current} />;
    case "interrupted":
      return <InterruptedImport state={state} current={current} />;
    case "finished":
      return <ImportResult state={state} current={current} />;
  }
}

function DropZone({ onFile }: { readonly onFile: (file: File) => void }) {
  const words = useWords().usage.import;
  return (
    <div className="drop">
      <UploadIcon />
      <strong>{words.drop}</strong>
      <FileButton label={words.choose} onFile={onFile} />
      <p className="hint">{words.hint}</p>
    </div>
  );
}
