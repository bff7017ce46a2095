/** Where a person writes the next message, and stops the answer being written. */
import { type KeyboardEvent, type SubmitEvent, useEffect, useId, useRef, useState } from "react";
import { MessageContent } from "../../protocol/commands.ts";
import { useAttempt } from "../attempt.ts";
import { ProblemNote } from "../problem-note.tsx";

interface Props {
  /** Resolves once the message is safe with the server; the draft is kept until then. */
  readonly onSend: (content: string) => Promise<unknown>;
  /** Stops the live run; null while none is live. */
  readonly onStop: (() => void) | null;
}

/** The message box: Enter sends, Shift+Enter begins a new line. */
export function Composer({ onSend, onStop }: Props) {
  const [draft, setDraft] = useState("");
  const { pending, problem, run } = useAttempt();
  const box = useRef<HTMLTextAreaElement>(null);
  const hintId = useId();
  const fault = faultOf(draft);
  const ready = draft.trim() !== "" && fault === null && !pending;

  useEffect(() => box.current?.focus(), []);

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!ready) return;
    void run(async () => {
      await onSend(draft);
      setDraft((now) => (now === draft ? "" : now));
    });
  }

  function sendOnEnter(event: KeyboardEvent<HTMLTextAreaElement>) {
    // While an input method composes a word, Enter only chooses it.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  }

  return (
    <form className="composer" onSubmit={submit}>
      <ProblemNote problem={problem} />
      <textarea
        ref={box}
        aria-label="Message"
        aria-describedby={hintId}
        aria-invalid={fault !== null}
        placeholder="Ask about the cost, the speed or the quality of your LLM use"
        rows={3}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={sendOnEnter}
      />
      <p id={hintId} className="hint" role="status">
        {fault ?? "Enter sends, Shift+Enter begins a new line."}
      </p>
      <div className="actions">
        {onStop && (
          <button type="button" onClick={onStop}>
            Stop
          </button>
        )}
        <button type="submit" className="primary" disabled={!ready}>
          Send
        </button>
      </div>
    </form>
  );
}

/** @returns what the protocol has against a draft, or null; an empty one is only not finished. */
function faultOf(draft: string): string | null {
  if (draft.trim() === "") return null;
  const issue = MessageContent.safeParse(draft).error?.issues[0];
  return issue ? `The message ${issue.message}; it has ${draft.length}.` : null;
}
