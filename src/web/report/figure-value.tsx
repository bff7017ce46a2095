/** A figure of a report that opens its evidence, where the run that computed it is at hand. */
import type { ReactNode } from "react";
import type { RunView } from "../../protocol/thread-view.ts";
import { CitedFigure } from "../run/evidence.tsx";

interface Props {
  readonly run: RunView | undefined;
  /** Null where no fact is known to be it. */
  readonly factId: string | null;
  readonly children: ReactNode;
}

export function FigureValue({ run, factId, children }: Props) {
  if (run === undefined || factId === null) return children;
  return (
    <CitedFigure run={run} factId={factId}>
      {children}
    </CitedFigure>
  );
}
