/** The open thread's title, and what can be done to the thread. */

import { useId, useRef, useState } from "react";
import { Link } from "wouter";
import type { Thread } from "../../protocol/entities.ts";
import { ForkIcon, MoreIcon, ShareIcon } from "../design/icons.tsx";
import { MenuButton } from "../menu.tsx";
import { pathOf } from "../paths.ts";
import { useWords } from "../words/words.ts";
import { ThreadMenu } from "./thread-menu.tsx";
import { useThreadActions } from "./threads-context.ts";
import { TitleEditor } from "./title-editor.tsx";
import { useTitleOf } from "./use-title-of.ts";

export function ThreadHeader({ thread }: { readonly thread: Thread }) {
  const { threads: words } = useWords();
  const { share } = useThreadActions();
  const [isRenamed, setRenamed] = useState(false);
  const menuId = useId();
  const title = useTitleOf()(thread);
  const header = useRef<HTMLDivElement>(null);

  function endRename() {
    setRenamed(false);
    // Who has gone on to something else stays there.
    const active = document.activeElement;
    if (active !== document.body && !header.current?.contains(active)) return;
    header.current?.querySelector<HTMLElement>("[aria-haspopup]")?.focus();
  }

  return (
    <div ref={header} className="thread-header">
      {isRenamed ? (
        <TitleEditor thread={thread} onDone={endRename} />
      ) : (
        <h2 title={title} onDoubleClick={() => setRenamed(true)}>
          {title}
        </h2>
      )}
      {thread.forked_from && (
        <Link
          className="fork-note"
          href={pathOf(thread.forked_from.thread_id)}
          title={words.forkedFrom}
          aria-label={`${words.forkedFrom}: ${words.openOrigin}`}
        >
          <ForkIcon />
        </Link>
      )}
      <button
        type="button"
        className="icon"
        aria-label={words.share}
        title={words.share}
        onClick={() => share(thread)}
      >
        <ShareIcon />
      </button>
      <MenuButton className="icon" menuId={menuId} label={words.options(title)}>
        <MoreIcon />
      </MenuButton>
      <ThreadMenu id={menuId} thread={thread} onRename={() => setRenamed(true)} />
    </div>
  );
}
