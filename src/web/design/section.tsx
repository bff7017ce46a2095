/** The frame of a section: what it is about, what came of the last thing done in it, and its parts. */
import "./section.css";
import { type ReactNode, type Ref, useEffect, useRef } from "react";

interface Props {
  readonly title: string;
  readonly hint: string;
  /** What was done last, for everybody to hear. */
  readonly notice?: string;
  readonly children: ReactNode;
}

/** Moves the focus to its heading, as a separate page would. */
export function Section({ title, hint, notice = "", children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <header className="section-head">
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <p className="hint">{hint}</p>
        <p className="notice" role="status">
          {notice}
        </p>
      </header>
      {children}
    </>
  );
}

interface PartProps {
  readonly title: string;
  readonly hint?: string;
  /** For who takes the focus to the heading. */
  readonly headingRef?: Ref<HTMLHeadingElement>;
  readonly children: ReactNode;
}

/** A part of a section, under a heading of its own. */
export function Part({ title, hint, headingRef, children }: PartProps) {
  return (
    <section className="part" aria-label={title}>
      <h3 ref={headingRef} tabIndex={headingRef ? -1 : undefined}>
        {title}
      </h3>
      {hint && <p className="hint">{hint}</p>}
      {children}
    </section>
  );
}
