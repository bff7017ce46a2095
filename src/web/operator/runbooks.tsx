/** The runbooks that this version was built with, at the line that a sign of trouble led to. */
import { type ComponentProps, useEffect, useMemo, useRef } from "react";
import Markdown, { type Components, type Options } from "react-markdown";
import { Link } from "wouter";
import runbooks from "../../../docs/runbooks.md?raw";
import { CodeBlock } from "../conversation/code-block.tsx";
import { readGfm } from "../conversation/gfm.ts";
import { OutwardLink } from "../conversation/outward-link.tsx";
import { Wide } from "../design/wide.tsx";
import { OPERATOR_PATH } from "../paths.ts";
import { markEvents } from "./runbook-events.ts";
import { useOperatorWords } from "./use-operator-words.ts";

/** The view has its own heading, so the document's is left out. */
const COMPONENTS: Components = {
  a: OutwardLink,
  h1: () => null,
  h2: "h3",
  pre: CodeBlock,
  table: EventTable,
};

/** A lazily loaded view, so a default export. */
export default function Runbooks() {
  const words = useOperatorWords().runbook;
  const view = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const event = useMemo(() => decodeURIComponent(location.hash.slice(1)), []);
  const plugins = useMemo<NonNullable<Options["remarkPlugins"]>>(
    () => [readGfm, markEvents(event)],
    [event],
  );
  useEffect(() => {
    const row = view.current?.querySelector<HTMLElement>("tr[aria-current]");
    row?.scrollIntoView({ block: "center" });
    (row ?? heading.current)?.focus({ preventScroll: row !== undefined });
  }, []);
  return (
    <article ref={view} className="runbooks">
      <header className="section-head">
        <h2 ref={heading} tabIndex={-1}>
          {words.title}
        </h2>
        <p>
          <Link href={OPERATOR_PATH}>{words.back}</Link>
        </p>
      </header>
      <div className="text markdown" lang="en">
        <Markdown remarkPlugins={plugins} components={COMPONENTS}>
          {runbooks}
        </Markdown>
      </div>
    </article>
  );
}

function EventTable({ children }: ComponentProps<"table">) {
  const words = useOperatorWords().runbook;
  return (
    <Wide label={words.table}>
      <table>{children}</table>
    </Wide>
  );
}
