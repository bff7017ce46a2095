/** One block of an answer: Markdown made elements, of which none runs, loads or leads anywhere unseen. */

import { type ComponentProps, createContext, memo, use, useMemo } from "react";
import Markdown, { type Components, type Options } from "react-markdown";
import remend, { type RemendOptions } from "remend";
import type { Grounding } from "../../protocol/entities.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { Wide } from "../design/wide.tsx";
import { CITED, citeFigures, UNVERIFIED } from "../run/cited-figures.ts";
import { CitedFigure } from "../run/evidence.tsx";
import { useWords } from "../words/words.ts";
import { CodeBlock } from "./code-block.tsx";
import { readGfm } from "./gfm.ts";
import { useHighlighting } from "./highlighting.ts";
import { OutwardLink } from "./outward-link.tsx";

/** The run that wrote the answer around; undefined where it is no longer known. */
export const AnswerRun = createContext<RunView | undefined>(undefined);

const GFM: NonNullable<Options["remarkPlugins"]> = [readGfm];

/** Only what is sure to come is added; what a reader would see change again when it ends is left. */
const TAIL: RemendOptions = {
  linkMode: "text-only",
  comparisonOperators: false,
  singleTilde: false,
  katex: false,
};

/** An image's address can carry away what an answer holds, at the mere sight of it: its words stay. */
const COMPONENTS: Components = {
  a: OutwardLink,
  h1: Heading,
  h2: Heading,
  h3: Heading,
  img: ({ alt }) => alt,
  input: TaskMark,
  pre: CodeBlock,
  table: WideTable,
  [CITED]: Cited,
  [UNVERIFIED]: Unverified,
};

interface Props {
  readonly text: string;
  /** Addresses that links in the text may name, from anywhere in the answer. */
  readonly definitions: string;
  /** Whether it is still being written. */
  readonly isOpen: boolean;
  /** Where it begins in the answer, by which the figures of the grounding are found. */
  readonly start: number;
  /** null where it has no figure in this block. */
  readonly grounding: Grounding | null;
}

/** Raw HTML stays text, and addresses are for web and mail alone: react-markdown sees to both. */
export const AnswerBlock = memo(function AnswerBlock(props: Props) {
  const { text, definitions, isOpen, start, grounding } = props;
  const plugins = useMemo(
    () => (grounding === null ? GFM : [...GFM, citeFigures(movedBack(grounding, start))]),
    [grounding, start],
  );
  const highlighting = useHighlighting(!isOpen && /^\s*(?:```|~~~)/m.test(text));
  const whole = isOpen ? remend(text, TAIL) : text;
  return (
    <Markdown remarkPlugins={plugins} rehypePlugins={highlighting} components={COMPONENTS}>
      {definitions === "" ? whole : `${whole}\n\n${definitions}`}
    </Markdown>
  );
});

/** @returns the figures by their places in a block that begins there. */
function movedBack({ citations, unverified }: Grounding, start: number): Grounding {
  return {
    citations: citations.map((each) => ({ ...each, offset: each.offset - start })),
    unverified: unverified.map((each) => ({ ...each, offset: each.offset - start })),
  };
}

/** A figure that a tool computed opens its evidence. */
function Cited({ value, children }: ComponentProps<"data">) {
  const run = use(AnswerRun);
  if (run === undefined) return children;
  return (
    <CitedFigure run={run} factId={String(value)}>
      {children}
    </CitedFigure>
  );
}

/** A figure that no tool computed, and the person did not state. */
function Unverified({ children }: ComponentProps<"mark">) {
  return <mark title={useWords().conversation.unverified}>{children}</mark>;
}

/** An answer stands below the thread's own heading, whatever level it begins with. */
function Heading({ children }: ComponentProps<"h1">) {
  return <h3>{children}</h3>;
}

/** The box of a task, which cannot be ticked here. */
function TaskMark({ checked }: ComponentProps<"input">) {
  const { conversation } = useWords();
  return (
    <span role="img" aria-label={checked ? conversation.taskDone : conversation.taskOpen}>
      {checked ? "☑" : "☐"}
    </span>
  );
}

/** A wide table scrolls by itself, not the page with it. */
function WideTable({ children }: ComponentProps<"table">) {
  return (
    <Wide label={useWords().conversation.table}>
      <table>{children}</table>
    </Wide>
  );
}
