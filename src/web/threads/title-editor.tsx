/** A thread's title while it is being changed, at the place where it stands. */
import { type KeyboardEvent, type SubmitEvent, useRef } from "react";
import type { Thread } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import { useRename } from "./use-threads.ts";

/** The longest title, in characters; the server says so too. */
const MOST = 200;

interface Props {
  readonly thread: Thread;
  /** It was changed, or is to stay as it is. */
  readonly onDone: () => void;
}

/** Enter and leaving the field keep the title, Escape does not. */
export function TitleEditor({ thread, onDone }: Props) {
  const { threads: words } = useWords();
  const { mutate, error } = useRename(thread);
  const field = useRef<HTMLInputElement>(null);
  const isLeft = useRef(false);

  function keep(event?: SubmitEvent) {
    event?.preventDefault();
    const title = field.current?.value.trim() ?? "";
    if (isLeft.current) return;
    if (title === "" || title === thread.title) leave();
    else mutate(title, { onSuccess: leave });
  }

  function leave() {
    isLeft.current = true;
    onDone();
  }

  function onKeyDown(event: KeyboardEvent) {
    // What the list does with its keys is not meant by who writes here.
    event.stopPropagation();
    if (event.key === "Escape") leave();
  }

  return (
    <form className="title-editor" onSubmit={keep}>
      <input
        ref={field}
        aria-label={words.title}
        aria-invalid={error !== null}
        defaultValue={thread.title ?? ""}
        maxLength={MOST}
        // biome-ignore lint/a11y/noAutofocus: who chose to rename wants to write
        autoFocus
        onFocus={(event) => event.currentTarget.select()}
        onKeyDown={onKeyDown}
        onBlur={() => keep()}
      />
      <ProblemNote problem={error && ApexError.from(error)} />
    </form>
  );
}
