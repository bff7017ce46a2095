/** Whether the side list is open: beside the view on a wide screen, in front of it on a narrow one. */
import { useEffect, useState, useSyncExternalStore } from "react";

/** Below this width the list and the view do not fit beside each other; workspace.css says so too. */
const NARROW = "(max-width: 48rem)";
const KEY = "apex-edge.side";

export interface Side {
  readonly isNarrow: boolean;
  readonly isOpen: boolean;
  readonly open: () => void;
  readonly close: () => void;
}

/** @param path where one is: on a narrow screen, going somewhere closes the list. */
export function useSide(path: string): Side {
  const isNarrow = useSyncExternalStore(followWidth, () => matchMedia(NARROW).matches);
  const [isBeside, setBeside] = useState(() => localStorage.getItem(KEY) !== "closed");
  const [isInFront, setInFront] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the path closes it
  useEffect(() => setInFront(false), [path]);

  function set(isOpen: boolean) {
    if (isNarrow) {
      setInFront(isOpen);
      return;
    }
    localStorage.setItem(KEY, isOpen ? "open" : "closed");
    setBeside(isOpen);
  }

  return {
    isNarrow,
    isOpen: isNarrow ? isInFront : isBeside,
    open: () => set(true),
    close: () => set(false),
  };
}

function followWidth(changed: () => void): () => void {
  const width = matchMedia(NARROW);
  width.addEventListener("change", changed);
  return () => width.removeEventListener("change", changed);
}
