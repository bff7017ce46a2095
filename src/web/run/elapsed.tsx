/** The time since something began, counted while one looks; a screen reader is not told each second. */

import { useNow } from "../design/use-now.ts";
import { useFormats } from "./formats.ts";

/** @param since RFC 3339; nothing is shown where it is not known. */
export function Elapsed({ since }: { readonly since: string | null }) {
  const now = useNow(1_000);
  const formats = useFormats();
  if (since === null) return null;
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1_000));
  return (
    <span className="run-time" role="timer">
      {formats.duration(Math.max(1, seconds) * 1_000)}
    </span>
  );
}
