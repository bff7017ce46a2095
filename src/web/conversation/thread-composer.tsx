/** The message box of an open thread: for the next message, or for an earlier one said anew. */

import { ArrowUpIcon, StopIcon } from "../design/icons.tsx";
import { useWords } from "../words/words.ts";
import { Composer } from "./composer.tsx";
import type { Draft } from "./use-draft.ts";

interface Props {
  readonly draft: Draft;
  /** The words of the earlier message that is edited; null where none is. */
  readonly edit: string | null;
  readonly onEdit: (text: string) => void;
  readonly onSend: (text: string) => void;
  readonly onLeaveEdit: () => void;
  /** Edits the newest question; null where there is none. */
  readonly onRecall: (() => void) | null;
  /** Stops the live run; null while none is live. */
  readonly onStop: (() => void) | null;
}

/** An edit has the box for itself; the draft that was in it is there again afterwards. */
export function ThreadComposer(props: Props) {
  const { draft, edit, onEdit, onSend, onLeaveEdit, onRecall, onStop } = props;
  const { conversation } = useWords();
  const isEditing = edit !== null;
  const isBusy = onStop !== null && !isEditing;
  return (
    <Composer
      key={isEditing ? "edit" : "draft"}
      text={edit ?? draft.text}
      onChange={isEditing ? onEdit : draft.write}
      onSend={onSend}
      name={conversation.message}
      action={<ArrowUpIcon />}
      actionName={conversation.send}
      hint={isBusy ? conversation.hintWhileBusy : conversation.hint}
      isAboutKeys={!isBusy}
      onLeave={isEditing ? onLeaveEdit : undefined}
      onRecall={isEditing ? undefined : (onRecall ?? undefined)}
      note={
        isEditing && (
          <div className="composer-note">
            <p>{conversation.editing}</p>
            <button type="button" className="small" onClick={onLeaveEdit}>
              {conversation.cancelEdit}
            </button>
          </div>
        )
      }
    >
      {onStop && (
        <button
          type="button"
          className="icon"
          aria-label={conversation.stop}
          title={conversation.stop}
          onClick={onStop}
        >
          <StopIcon />
        </button>
      )}
    </Composer>
  );
}
