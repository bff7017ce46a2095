/** One thread of the list: the way there, whether something is under way in it, and what can be done to it. */

import { type KeyboardEvent, memo, useEffect, useRef } from "react";
import { Link } from "wouter";
import type { Thread } from "../../protocol/entities.ts";
import type { ThreadId } from "../../protocol/ids.ts";
import { MoreIcon } from "../design/icons.tsx";
import { MenuButton } from "../menu.tsx";
import { pathOf } from "../paths.ts";
import { useWords } from "../words/words.ts";
import { useThreadActions } from "./threads-context.ts";
import { TitleEditor } from "./title-editor.tsx";
import { useTitleOf } from "./use-title-of.ts";

interface Props {
  readonly thread: Thread;
  readonly isOpen: boolean;
  readonly isLive: boolean;
  readonly isRenamed: boolean;
  /** The menu that all threads of the list share. */
  readonly menuId: string;
  readonly onMenu: (thread: Thread) => void;
  readonly onRename: (id: ThreadId | null) => void;
}

export const ThreadItem = memo(function ThreadItem(props: Props) {
  const { thread, isOpen, isLive, isRenamed, menuId, onMenu, onRename } = props;
  const { threads: words } = useWords();
  const { remove } = useThreadActions();
  const title = useTitleOf()(thread);

  const link = useRef<HTMLAnchorElement>(null);
  const wasRenamed = useRef(false);

  useEffect(() => {
    // The field had the focus, and is gone.
    if (wasRenamed.current && document.activeElement === document.body) link.current?.focus();
    wasRenamed.current = isRenamed;
  }, [isRenamed]);

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "F2") onRename(thread.id);
    else if (event.key === "Delete") remove(thread);
  }

  if (isRenamed) {
    return (
      <li>
        <TitleEditor thread={thread} onDone={() => onRename(null)} />
      </li>
    );
  }
  return (
    <li className="thread-item">
      <Link
        ref={link}
        href={pathOf(thread.id)}
        data-row
        title={title}
        aria-current={isOpen ? "page" : undefined}
        aria-keyshortcuts="F2 Delete"
        onKeyDown={onKeyDown}
      >
        {title}
      </Link>
      {isLive && <span className="live" role="img" aria-label={words.running} />}
      <MenuButton
        className="icon"
        menuId={menuId}
        label={words.options(title)}
        onOpen={() => onMenu(thread)}
      >
        <MoreIcon />
      </MenuButton>
    </li>
  );
});
