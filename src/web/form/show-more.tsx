/** The button under a list that comes page by page. */
import { useWords } from "../words/words.ts";

interface Props {
  /** An infinite query. */
  readonly list: {
    readonly hasNextPage: boolean;
    readonly isFetching: boolean;
    fetchNextPage(): Promise<unknown>;
  };
}

/** Not there once the list is whole. */
export function ShowMore({ list }: Props) {
  const { form } = useWords();
  if (!list.hasNextPage) return null;
  return (
    <div>
      <button type="button" disabled={list.isFetching} onClick={() => void list.fetchNextPage()}>
        {form.showMore}
      </button>
    </div>
  );
}
