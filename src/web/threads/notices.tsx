/** What just happened, told in a corner for a while: a deletion to undo, or what could not be done. */

import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import type { Thread } from "../../protocol/entities.ts";
import type { ThreadId } from "../../protocol/ids.ts";
import { CloseIcon } from "../design/icons.tsx";
import { useWords } from "../words/words.ts";
import { useTitleOf } from "./use-title-of.ts";

/** How long a notice stands, in milliseconds, while nobody points at it. */
export const NOTICE_MS = 8_000;

interface Props {
  readonly deleted: readonly Thread[];
  readonly onUndo: (id: ThreadId) => void;
  /** The moment to undo a deletion has passed. */
  readonly onPass: (thread: Thread) => void;
  readonly notice: string | null;
  readonly onDismiss: () => void;
}

export function Notices({ deleted, onUndo, onPass, notice, onDismiss }: Props) {
  const { threads: words } = useWords();
  const titleOf = useTitleOf();
  return (
    <section className="toasts" aria-label={words.notices} aria-live="polite">
      {deleted.map((thread) => (
        <Notice key={thread.id} onPass={() => onPass(thread)}>
          <span>{words.removed(titleOf(thread))}</span>
          <button type="button" className="small" onClick={() => onUndo(thread.id)}>
            {words.undo}
          </button>
        </Notice>
      ))}
      {notice !== null && (
        <Notice key={notice} onPass={onDismiss}>
          <span>{notice}</span>
          <button
            type="button"
            className="icon small"
            aria-label={words.dismiss}
            onClick={onDismiss}
          >
            <CloseIcon />
          </button>
        </Notice>
      )}
    </section>
  );
}

/** Stays as long as it is pointed at or has the focus: nobody is hurried (WCAG 2.2.1). */
function Notice(props: { readonly onPass: () => void; readonly children: ReactNode }) {
  const [isHeld, hold] = useState(false);
  const pass = useEffectEvent(props.onPass);
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => pass(), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [isHeld]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it does nothing but keep it there
    <div
      className="toast"
      onPointerEnter={() => hold(true)}
      onPointerLeave={() => hold(false)}
      onFocus={() => hold(true)}
      onBlur={() => hold(false)}
    >
      {props.children}
    </div>
  );
}
