/** The usage records that answers are based on, imported from files after a preview. */
import "../without-eval.ts";
import "./usage.css";
import { type DragEvent, useEffect, useState } from "react";
import { Section } from "../design/section.tsx";
import { useWords } from "../words/words.ts";
import { Extent } from "./extent.tsx";
import { ImportPart } from "./import-part.tsx";
import { ImportsPart } from "./imports-part.tsx";
import { PricesPart } from "./prices-part.tsx";
import { useImport } from "./use-import.ts";

/** A lazily loaded view, so a default export. A file may be dropped anywhere on it. */
export default function Usage() {
  const { frame, usage: words } = useWords();
  const current = useImport();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    document.title = `${words.title} · ${frame.product}`;
    return () => {
      document.title = frame.product;
    };
  }, [words.title, frame.product]);

  const isFree = current.state.step !== "importing";
  function hover(event: DragEvent) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setOver(isFree);
  }
  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file && isFree) void current.work.choose(file);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a short cut; the button does the same.
    <div
      className="view usage"
      data-over={isOver}
      onDragOver={hover}
      onDragLeave={(event) => {
        if (event.currentTarget === event.target) setOver(false);
      }}
      onDrop={drop}
    >
      <Section title={words.title} hint={words.hint}>
        <Extent />
        <ImportPart current={current} />
        <ImportsPart current={current} />
        <PricesPart />
      </Section>
    </div>
  );
}
