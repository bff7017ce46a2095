/** What a person has ticked off of a report: kept in this browser, and in step across its tabs. */
import { useEffect, useState } from "react";
import { list, text } from "../../client/checks.ts";
import type { RunId } from "../../protocol/ids.ts";

const isTexts = list<string>(text);

interface Ticks {
  readonly ticked: ReadonlySet<string>;
  readonly toggle: (key: string) => void;
}

/** @returns the ticks of a run's report. */
export function useTicks(runId: RunId): Ticks {
  const place = `apex.report-ticks.${runId}`;
  const [ticked, setTicked] = useState(() => read(place));

  useEffect(() => {
    const follow = ({ key }: StorageEvent) => {
      if (key === place || key === null) setTicked(read(place));
    };
    addEventListener("storage", follow);
    return () => removeEventListener("storage", follow);
  }, [place]);

  function toggle(key: string) {
    const next = new Set(ticked);
    if (!next.delete(key)) next.add(key);
    setTicked(next);
    write(place, next);
  }

  return { ticked, toggle };
}

function read(place: string): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place) ?? "[]");
    return new Set(isTexts(kept) ? kept : []);
  } catch {
    return new Set();
  }
}

/** A browser that keeps nothing still shows the ticks, as long as the page is open. */
function write(place: string, ticked: ReadonlySet<string>): void {
  try {
    if (ticked.size === 0) localStorage.removeItem(place);
    else localStorage.setItem(place, JSON.stringify([...ticked]));
  } catch {
    return;
  }
}
