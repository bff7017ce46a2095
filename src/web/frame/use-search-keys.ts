/** The keys that lead to the search: Control or Command with K from anywhere, `/` from the list of threads. */
import { useEffect, useEffectEvent } from "react";

/**
 * A letter alone acts only where its list has the focus, or who speaks to their computer would set it off
 * (WCAG 2.1.4).
 */
export function useSearchKeys(onSearch: () => void): void {
  const search = useEffectEvent(onSearch);
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const isChord = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
      const isSlash = event.key === "/" && isInList(event.target);
      if ((!isChord && !isSlash) || document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      search();
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

function isInList(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest(".threads") !== null &&
    !target.matches("input, textarea, select")
  );
}
