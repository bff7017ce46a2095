/** Deleting a thread is for good, so it is asked twice. */
import { useRef } from "react";
import { useAttempt } from "../attempt.ts";
import { ProblemNote } from "../problem-note.tsx";

interface Props {
  readonly title: string;
  readonly onDelete: () => Promise<void>;
}

/** The delete button with its confirmation, a modal dialog that Escape closes. */
export function DeleteThread({ title, onDelete }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { pending, problem, run } = useAttempt();
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Delete
      </button>
      <dialog ref={dialog} aria-label="Delete this thread?">
        <p>Delete “{title}” with all its messages? This cannot be undone.</p>
        <ProblemNote problem={problem} />
        <div className="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Keep
          </button>
          <button
            type="button"
            className="primary"
            disabled={pending}
            onClick={() => void run(onDelete)}
          >
            Delete thread
          </button>
        </div>
      </dialog>
    </>
  );
}
