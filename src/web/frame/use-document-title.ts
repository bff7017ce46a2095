/** What the tab is called: by what it shows, and by the product. */
import { useEffect } from "react";
import { useWords } from "../words/words.ts";

/** @param shown null where nothing has a name of its own. */
export function useDocumentTitle(shown: string | null): void {
  const { frame } = useWords();
  useEffect(() => {
    document.title = shown === null ? frame.product : `${shown} · ${frame.product}`;
    return () => {
      document.title = frame.product;
    };
  }, [shown, frame]);
}
