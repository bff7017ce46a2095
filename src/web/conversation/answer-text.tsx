/** An answer's text: Markdown, as models write it, of which nothing runs and nothing is fetched. */
import "./answer-text.css";
import { memo, useMemo } from "react";
import type { Grounding } from "../../protocol/entities.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { AnswerBlock, AnswerRun } from "./answer-block.tsx";
import { type Block, blocksOf, definitionsOf } from "./blocks.ts";

interface Props {
  readonly text: string;
  /** The run that wrote it; undefined where it is no longer known. */
  readonly run: RunView | undefined;
  /** Whether more of it may come. */
  readonly isStreaming?: boolean;
}

/** Block by block, so that of an answer that is being written only the last one is made anew. */
export const AnswerText = memo(function AnswerText({ text, run, isStreaming = false }: Props) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  const definitions = useMemo(() => definitionsOf(text), [text]);
  const grounding = run?.grounding ?? null;
  return (
    <AnswerRun value={run}>
      <div className="text markdown">
        {blocks.map((block, index) => (
          <AnswerBlock
            key={block.start}
            text={block.text}
            definitions={block.text.includes("[") ? definitions : ""}
            isOpen={isStreaming && index === blocks.length - 1}
            start={block.start}
            grounding={hasFigures(block, grounding) ? grounding : null}
          />
        ))}
      </div>
    </AnswerRun>
  );
});

/** A block without figures stays as it is when the answer's figures become known. */
function hasFigures({ start, text }: Block, grounding: Grounding | null): boolean {
  if (grounding === null) return false;
  return [...grounding.citations, ...grounding.unverified].some(
    ({ offset }) => offset >= start && offset < start + text.length,
  );
}
