/** The data agent by rule: what each tool said, under its title, and what none of them could say. */
import type * as z from "zod";
import type { DataFindings } from "../protocol/team-findings.ts";
import { titleOf } from "./demo-answer.ts";
import type { PartScene } from "./demo-results.ts";

/** The longest statement that findings hold, in characters. */
const MAX_STATEMENT = 4_000;

/** Figures that one finding may rest on. */
const MAX_FACTS = 60;

/** What the data agent hands on. */
export function dataFindings(scene: PartScene): z.input<typeof DataFindings> {
  return {
    observations: scene.results.flatMap(({ tool, summary, facts }) =>
      summary === null
        ? []
        : {
            title: titleOf(tool),
            statement: cut(summary),
            facts: [...facts.values()].slice(0, MAX_FACTS),
          },
    ),
    gaps: gapsOf(scene),
  };
}

/** @returns what the tools of a part could not say, and why. */
export function gapsOf({ results, uncalled }: PartScene): { what: string; why: string }[] {
  return [
    ...results.flatMap(({ tool, summary, failure }) =>
      summary === null ? { what: titleOf(tool), why: failure.slice(0, 500) } : [],
    ),
    ...uncalled.map(({ tool, why }) => ({ what: titleOf(tool), why })),
  ];
}

/** @returns the text, cut at the end of a line where it is too long. */
export function cut(text: string, most = MAX_STATEMENT): string {
  if (text.length <= most) return text;
  const end = text.lastIndexOf("\n", most - 2);
  return `${text.slice(0, end > 0 ? end : most - 2).toWellFormed()}\n…`;
}
