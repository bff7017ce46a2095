/** The signs on the buttons of a conversation; what they mean stands in the buttons' names. */
import type { ReactNode } from "react";

function icon(path: string): () => ReactNode {
  return function Icon() {
    return (
      <svg className="glyph" viewBox="0 0 24 24" aria-hidden="true">
        <path d={path} />
      </svg>
    );
  };
}

export const ArrowDownIcon = icon("M12 5v14M6 13l6 6 6-6");
export const ArrowUpIcon = icon("M12 19V5M6 11l6-6 6 6");
export const CheckIcon = icon("M5 12.5 10 17.5 19.5 7");
export const CopyIcon = icon("M9 9h11v11H9zM15 5.5V4H4v11h1.5");
export const EditIcon = icon("M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19zM13.5 7l3.5 3.5");
export const RefreshIcon = icon("M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.5M20 4.5v5h-5");
export const StopIcon = icon("M7 7h10v10H7z");
export const UndoIcon = icon("M4.5 9.5H14a5 5 0 0 1 0 10H8M8.5 5.5l-4 4 4 4");
