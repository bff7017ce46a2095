/** The keys that lead to the search from anywhere: `/`, and Control or Command with K. */
import { useEffect, useEffectEvent } from "react";

/** @param onSearch called where they are pressed, but for a `/` that is being written. */
export function useSearchKeys(onSearch: () => void): void {
  const search = useEffectEvent(onSearch);
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const isChord = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
      const isSlash = event.key === "/" && !isWriting(event.target);
      if ((!isChord && !isSlash) || document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      search();
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select"))
  );
}
