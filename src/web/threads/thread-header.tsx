/** The open thread's title, and what can be done to the thread itself. */
import { DeleteThread } from "./delete-thread.tsx";
import { RenameThread } from "./rename-thread.tsx";

interface Props {
  readonly title: string;
  readonly onRename: (title: string) => Promise<void>;
  readonly onDelete: () => Promise<void>;
}

/** The heading of an open thread. */
export function ThreadHeader({ title, onRename, onDelete }: Props) {
  return (
    <header className="thread-header">
      <h2>{title}</h2>
      <RenameThread title={title} onRename={onRename} />
      <DeleteThread title={title} onDelete={onDelete} />
    </header>
  );
}
