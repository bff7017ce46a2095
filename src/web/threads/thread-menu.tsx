/** What can be done to one thread, as the items of a menu. */

import type { Thread } from "../../protocol/entities.ts";
import type { ThreadExportFormat } from "../../protocol/history.ts";
import { DownloadIcon, EditIcon, ForkIcon, ShareIcon, TrashIcon } from "../design/icons.tsx";
import { Menu, MenuItem } from "../menu.tsx";
import { useWords } from "../words/words.ts";
import { useThreadActions } from "./threads-context.ts";
import { useTitleOf } from "./use-title-of.ts";

const FORMATS = ["markdown", "json", "csv"] as const satisfies readonly ThreadExportFormat[];

interface Props {
  readonly id: string;
  /** Whose menu it is now; null while it is nobody's. */
  readonly thread: Thread | null;
  readonly onRename: (thread: Thread) => void;
}

export function ThreadMenu({ id, thread, onRename }: Props) {
  const { threads: words } = useWords();
  const titleOf = useTitleOf();
  return (
    <Menu id={id} label={thread === null ? words.list : words.options(titleOf(thread))}>
      {thread && <Items thread={thread} onRename={() => onRename(thread)} />}
    </Menu>
  );
}

function Items({ thread, onRename }: { readonly thread: Thread; readonly onRename: () => void }) {
  const { threads: words } = useWords();
  const { share, fork, save, remove } = useThreadActions();
  return (
    <>
      <MenuItem icon={<EditIcon />} onChoose={onRename}>
        {words.rename}
      </MenuItem>
      <MenuItem icon={<ShareIcon />} onChoose={() => share(thread)}>
        {words.share}
      </MenuItem>
      <MenuItem icon={<ForkIcon />} onChoose={() => void fork(thread.id)}>
        {words.fork}
      </MenuItem>
      {FORMATS.map((format) => (
        <MenuItem key={format} icon={<DownloadIcon />} onChoose={() => void save(thread, format)}>
          {words.exportAs[format]}
        </MenuItem>
      ))}
      <MenuItem icon={<TrashIcon />} danger onChoose={() => remove(thread)}>
        {words.remove}
      </MenuItem>
    </>
  );
}
