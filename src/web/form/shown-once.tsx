/** A secret that the server tells once: to be read, and copied. */
import { useEffect, useRef, useState } from "react";
import { CopyIcon } from "../design/icons.tsx";
import { useWords } from "../words/words.ts";

interface Props {
  readonly label: string;
  readonly secret: string;
  readonly hint: string;
  readonly onClose: () => void;
}

export function ShownOnce({ label, secret, hint, onClose }: Props) {
  const { form: words } = useWords();
  const [said, setSaid] = useState("");
  const section = useRef<HTMLElement>(null);
  // It may stand out of sight, and is not to be missed.
  useEffect(() => section.current?.focus(), []);
  async function copy() {
    try {
      // Only secure origins have a clipboard, and a person may forbid it.
      await navigator.clipboard.writeText(secret);
      setSaid(words.copied);
    } catch {
      setSaid(words.notCopied);
    }
  }
  return (
    <section ref={section} tabIndex={-1} className="card shown-once" aria-label={label}>
      <h4>{label}</h4>
      <p className="hint">{hint}</p>
      <output className="secret">{secret}</output>
      <div className="form-end">
        <button type="button" className="primary" onClick={() => void copy()}>
          <CopyIcon />
          {words.copy}
        </button>
        <button type="button" onClick={onClose}>
          {words.close}
        </button>
        <p className="done" role="status">
          {said}
        </p>
      </div>
    </section>
  );
}
