/** An answer's text: Markdown, as models write it, of which nothing runs and nothing is fetched. */
import { type ComponentProps, memo, useMemo } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import type { RunView } from "../../protocol/thread-view.ts";
import { CITED, citeFigures, UNVERIFIED } from "../run/cited-figures.ts";
import { CitedFigure } from "../run/evidence.tsx";

/** An image's address can carry away what an answer holds, at the mere sight of it. */
const NEVER_SHOWN = ["img"];
const COMPONENTS: Components = { a: OutwardLink, table: WideTable, [UNVERIFIED]: Unverified };

interface Props {
  readonly text: string;
  /** The run that wrote it; undefined where it is no longer known. */
  readonly run: RunView | undefined;
}

/** Raw HTML stays text, and links lead to web and mail addresses alone: react-markdown sees to both. */
export const AnswerText = memo(function AnswerText({ text, run }: Props) {
  const grounding = run?.grounding ?? null;
  const plugins = useMemo(
    () => [remarkGfm, ...(grounding === null ? [] : [citeFigures(grounding)])],
    [grounding],
  );
  const components = useMemo(() => (run === undefined ? COMPONENTS : withEvidence(run)), [run]);
  return (
    <div className="text markdown">
      <Markdown
        remarkPlugins={plugins}
        disallowedElements={NEVER_SHOWN}
        unwrapDisallowed
        components={components}
      >
        {text}
      </Markdown>
    </div>
  );
});

/** Figures that tools computed open their evidence. */
function withEvidence(run: RunView): Components {
  return {
    ...COMPONENTS,
    [CITED]: ({ value, children }: ComponentProps<"data">) => (
      <CitedFigure run={run} factId={String(value)}>
        {children}
      </CitedFigure>
    ),
  };
}

/** A figure that no tool computed, and the person did not state. */
function Unverified({ children }: ComponentProps<"mark">) {
  return <mark title="No tool computed this figure">{children}</mark>;
}

/** Opens beside the page, and does not tell where it was clicked. */
function OutwardLink({ href, children }: ComponentProps<"a">) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** A wide table scrolls by itself, not the page with it. */
function WideTable({ children }: ComponentProps<"table">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="wide" aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </section>
  );
}
