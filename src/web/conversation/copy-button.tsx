/** Copies a text, and says that it did. */
import { useEffect, useState } from "react";
import { CheckIcon, CopyIcon } from "../design/icons.tsx";
import { useWords } from "../words/words.ts";

interface Props {
  /** What the button says that it does. */
  readonly name: string;
  readonly textOf: () => string;
}

const SAYS_SO_MS = 2_000;

/** Nothing where the browser lets no page copy: on an origin without TLS. */
export function CopyButton({ name, textOf }: Props) {
  const { conversation } = useWords();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SAYS_SO_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  if (!("clipboard" in navigator)) return null;
  const copy = () => {
    navigator.clipboard.writeText(textOf()).then(
      () => setCopied(true),
      // The person did not allow it: then nothing says that it was copied.
      () => setCopied(false),
    );
  };
  return (
    <>
      <button type="button" className="icon small" aria-label={name} title={name} onClick={copy}>
        {isCopied ? <CheckIcon /> : <CopyIcon />}
      </button>
      <span className="visually-hidden" role="status">
        {isCopied && conversation.copied}
      </span>
    </>
  );
}
