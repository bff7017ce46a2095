/** A value as a person reads it: indented, cut where it is long, and whole where that is asked for. */
import { useMemo, useState } from "react";
import type { Json } from "../../protocol/json.ts";
import { useWords } from "../words/words.ts";
import { useFormats } from "./formats.ts";

/** Characters shown at first. */
const SHORT = 4_000;

interface Props {
  readonly name: string;
  readonly value: Json;
}

export function JsonBlock({ name, value }: Props) {
  const { run: words } = useWords();
  const { count } = useFormats();
  const text = useMemo(() => JSON.stringify(value, null, 2), [value]);
  const [isWhole, setWhole] = useState(text.length <= SHORT);
  return (
    <figure className="json">
      <figcaption>{name}</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region takes focus (WCAG 2.1.1) */}
      <pre tabIndex={0}>{isWhole ? text : `${text.slice(0, SHORT)}…`}</pre>
      {!isWhole && (
        <button type="button" className="small" onClick={() => setWhole(true)}>
          {words.showAll(count(text.length))}
        </button>
      )}
    </figure>
  );
}
