/** The clock of the page, for what changes with the time alone. */
import { useEffect, useState } from "react";

/**
 * @param everyMs how often it is read again, in milliseconds; null for once, as it is shown.
 * @returns milliseconds since the Unix epoch.
 */
export function useNow(everyMs: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMs === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
