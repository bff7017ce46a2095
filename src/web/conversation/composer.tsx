/** Where a person writes the next message, and stops the answer being written. */
import "./composer.css";
import {
  type KeyboardEvent,
  type ReactNode,
  type SubmitEvent,
  useEffect,
  useId,
  useRef,
} from "react";
import { MAX_MESSAGE_LENGTH } from "../../protocol/limits.ts";
import { useWords, type Words } from "../words/words.ts";

interface Props {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly onSend: (text: string) => void;
  /** What the box, and the button that sends, are called. */
  readonly name: string;
  readonly action: ReactNode;
  readonly actionName: string;
  readonly hint: string;
  /** Whether the hint is of no use on a touch screen. */
  readonly isAboutKeys: boolean;
  readonly isPending?: boolean;
  /** Escape in the box; where there is nothing to leave, nothing. */
  readonly onLeave?: (() => void) | undefined;
  /** ArrowUp in the empty box. */
  readonly onRecall?: (() => void) | undefined;
  /** Stands above the box. */
  readonly note?: ReactNode;
  /** Stands beside the button that sends. */
  readonly children?: ReactNode;
}

/** How many characters before its end the limit is told. */
const TOLD_AHEAD = 1_000;

/** The message box: it grows with its text; Enter sends, Shift+Enter begins a new line. */
export function Composer(props: Props) {
  const { text, onChange, onSend, onLeave, onRecall, isPending = false } = props;
  const { conversation } = useWords();
  const box = useRef<HTMLTextAreaElement>(null);
  const hintId = useId();
  const fault = faultOf(text, conversation);
  const left = MAX_MESSAGE_LENGTH - text.length;
  const isReady = text.trim() !== "" && fault === null && !isPending;

  useEffect(() => box.current?.focus(), []);

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (isReady) onSend(text);
  }

  function useKey(event: KeyboardEvent<HTMLTextAreaElement>) {
    // While an input method composes a word, the keys are for it.
    if (event.nativeEvent.isComposing) return;
    const isSend = event.key === "Enter" && !event.shiftKey && !isTouched();
    if (isSend) event.currentTarget.form?.requestSubmit();
    else if (event.key === "Escape" && onLeave) onLeave();
    else if (event.key === "ArrowUp" && text === "" && onRecall) onRecall();
    else return;
    event.preventDefault();
  }

  return (
    <form className="composer" onSubmit={submit}>
      {props.note}
      <div className="composer-box">
        <textarea
          ref={box}
          aria-label={props.name}
          aria-describedby={hintId}
          aria-invalid={fault !== null}
          placeholder={conversation.placeholder}
          rows={1}
          value={text}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={useKey}
        />
        <div className="composer-actions">
          {props.children}
          <button
            type="submit"
            className="icon primary"
            aria-label={props.actionName}
            title={props.actionName}
            disabled={!isReady}
          >
            {props.action}
          </button>
        </div>
      </div>
      <p id={hintId} className="hint" data-keys={props.isAboutKeys}>
        {props.hint}
      </p>
      <p className={fault === null ? "hint" : "problem"} role="status">
        {fault ?? (left <= TOLD_AHEAD ? conversation.charactersLeft(left) : "")}
      </p>
    </form>
  );
}

/** Whether fingers write: on their keyboard Shift and Enter are no one key, so Enter begins a line. */
function isTouched(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

/** @returns what the protocol has against a text, or null; an empty one is only not finished. */
function faultOf(text: string, words: Words["conversation"]): string | null {
  if (text.trim() === "") return null;
  if (text.length > MAX_MESSAGE_LENGTH) return words.tooLong(MAX_MESSAGE_LENGTH, text.length);
  return text.isWellFormed() && !text.includes("\u0000") ? null : words.unsendable;
}
