/** A button that opens a dialog, and the question whether one means it. */
import "./form.css";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useAttempt } from "../attempt.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";

interface Props {
  readonly label: string;
  /** Where the label alone does not say of what. */
  readonly name?: string;
  readonly title: string;
  readonly isDangerous?: boolean;
  /** What the dialog holds, made anew each time it opens. */
  readonly children: (close: () => void) => ReactNode;
}

/** Escape closes the dialog, and the focus comes back to the button. */
export function DialogButton({ label, name, title, isDangerous, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const titleId = useId();
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  return (
    <>
      <button
        type="button"
        aria-label={name}
        className={isDangerous ? "danger" : undefined}
        onClick={() => setOpen(true)}
      >
        {label}
      </button>
      <dialog ref={dialog} aria-labelledby={titleId} onClose={() => setOpen(false)}>
        <h2 id={titleId}>{title}</h2>
        {isOpen && <div className="dialog-body">{children(() => dialog.current?.close())}</div>}
      </dialog>
    </>
  );
}

interface ConfirmProps extends Omit<Props, "children"> {
  readonly action: string;
  readonly children: ReactNode;
  /** What it throws is told in the dialog, which stays open. */
  readonly onConfirm: () => Promise<unknown>;
}

/** Asks before it does what cannot be undone. */
export function ConfirmButton({ action, children, onConfirm, ...button }: ConfirmProps) {
  const { form: words } = useWords();
  const { pending, problem, run } = useAttempt();
  return (
    <DialogButton isDangerous {...button}>
      {(close) => (
        <>
          <p>{children}</p>
          <ProblemNote problem={problem} />
          <div className="actions">
            <button type="button" onClick={close}>
              {words.cancel}
            </button>
            <button
              type="button"
              className="primary danger"
              disabled={pending}
              onClick={() =>
                void run(async () => {
                  await onConfirm();
                  close();
                })
              }
            >
              {action}
            </button>
          </div>
        </>
      )}
    </DialogButton>
  );
}
