/** An answer's text: Markdown, as models write it, of which nothing runs and nothing is fetched. */
import { type ComponentProps, memo } from "react";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";

const PLUGINS = [remarkGfm];
/** An image's address can carry away what an answer holds, at the mere sight of it. */
const NEVER_SHOWN = ["img"];
const COMPONENTS = { a: OutwardLink, table: WideTable };

/** Raw HTML stays text, and links lead to web and mail addresses alone: react-markdown sees to both. */
export const AnswerText = memo(function AnswerText({ text }: { readonly text: string }) {
  return (
    <div className="text markdown">
      <Markdown
        remarkPlugins={PLUGINS}
        disallowedElements={NEVER_SHOWN}
        unwrapDisallowed
        components={COMPONENTS}
      >
        {text}
      </Markdown>
    </div>
  );
});

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
