/** Giving a thread another title. */
import { type SubmitEvent, useRef, useState } from "react";
import { useAttempt } from "../attempt.ts";
import { ProblemNote } from "../problem-note.tsx";

interface Props {
  readonly title: string;
  readonly onRename: (title: string) => Promise<void>;
}

/** The rename button with its dialog, which begins with the title as it is. */
export function RenameThread({ title, onRename }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [draft, setDraft] = useState(title);
  const { pending, problem, run } = useAttempt();

  function open() {
    setDraft(title);
    dialog.current?.showModal();
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    void run(async () => {
      await onRename(draft);
      dialog.current?.close();
    });
  }

  return (
    <>
      <button type="button" onClick={open}>
        Rename
      </button>
      <dialog ref={dialog} aria-label="Rename this thread">
        <form onSubmit={submit}>
          <label>
            Title
            <input
              value={draft}
              maxLength={200}
              required
              aria-invalid={problem !== null}
              onChange={(event) => setDraft(event.target.value)}
            />
          </label>
          <ProblemNote problem={problem} />
          <div className="actions">
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit" className="primary" disabled={pending}>
              Save
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
