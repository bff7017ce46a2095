/** What stands where a view will be. */
import { useWords } from "./words/words.ts";

export function Loading() {
  return (
    <p className="loading" role="status">
      {useWords().frame.loading}
    </p>
  );
}
