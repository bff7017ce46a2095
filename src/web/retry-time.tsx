/** When it is worth another try: in seconds or minutes that run down, and as a time where it is later. */
import { useNow } from "./design/use-now.ts";
import { useFormats } from "./run/formats.ts";
import { useWords } from "./words/words.ts";

/** How far ahead people would rather have the time than the wait, in milliseconds. */
const A_TIME_SAYS_MORE = 60 * 60_000;

/**
 * Read out once: the wait it tells is not counted down aloud.
 * @param at in milliseconds since the Unix epoch.
 */
export function RetryTime({ at }: { readonly at: number }) {
  const { problems: words } = useWords();
  const { fromNow, moment } = useFormats();
  const left = at - useNow(5_000);
  return (
    <time dateTime={new Date(at).toISOString()} aria-live="off">
      {say()}
    </time>
  );

  function say(): string {
    if (left <= 0) return words.retryNow;
    if (left < A_TIME_SAYS_MORE) return words.retryIn(fromNow(left));
    return words.retryAt(moment(new Date(at).toISOString()), fromNow(left));
  }
}
