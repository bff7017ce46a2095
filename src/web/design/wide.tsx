/** What may be wider than the view: it scrolls by itself, not the page with it, and by keys too. */
import "./wide.css";
import type { ReactNode } from "react";

interface Props {
  /** What it is called, for who does not see it. */
  readonly label: string;
  readonly children: ReactNode;
}

/** A group and no region: a page of many tables would have as many landmarks. */
export function Wide({ label, children }: Props) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is a part of a form
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys (WCAG 2.1.1)
    <div className="wide" role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
