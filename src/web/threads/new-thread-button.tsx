/** Begins a thread, and goes there. */
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { ApexError } from "../../protocol/errors.ts";
import { pathOf } from "../paths.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import { useNewThread } from "./use-threads.ts";

interface Props {
  readonly className: string;
  readonly children: ReactNode;
}

export function NewThreadButton({ className, children }: Props) {
  const { threads: words } = useWords();
  const [, goTo] = useLocation();
  const { mutate, isPending, error } = useNewThread();
  return (
    <>
      <button
        type="button"
        className={className}
        aria-label={words.begin}
        title={words.begin}
        disabled={isPending}
        onClick={() => mutate(undefined, { onSuccess: ({ id }) => goTo(pathOf(id)) })}
      >
        {children}
      </button>
      <ProblemNote problem={error && ApexError.from(error)} />
    </>
  );
}
