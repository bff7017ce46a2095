/** What every result over made-up records says of them, so that no answer passes them off as the user's. */
import * as z from "zod";

/** The assumption that stands in each result over the sample company's records. */
export const SAMPLE_NOTICE =
  "The records are generated: they are a sample company's, not your own.";

const Result = z.object({ assumptions: z.array(z.string()) });

/** @returns whether a tool's result, parsed, is made of the sample company's records. */
export function isOfSample(result: unknown): boolean {
  return Result.safeParse(result).data?.assumptions.includes(SAMPLE_NOTICE) === true;
}

/** @returns the text that tells results, after the notice where any of them is of the sample company. */
export function withSampleNotice(results: readonly unknown[], text: string): string {
  return results.some(isOfSample) ? `${SAMPLE_NOTICE}\n\n${text}` : text;
}
