/** The way to a product whose state fails: how much of it is to, and what has so far. */
import * as z from "zod";
import type { StateFaults } from "./state-faults.ts";

/** Where it is told, below what the Worker answers before its page. */
export const FAULTS_PATH = "/api/state-faults";

/** What has struck in this life of the product. */
export const StruckState = z.object({
  queries: z.number().int(),
  cache: z.number().int(),
  calls: z.number().int(),
  /** Of objects, that were ended. */
  lives: z.number().int(),
});
export type StruckState = z.infer<typeof StruckState>;

export const NOTHING_STRUCK: StruckState = { queries: 0, cache: 0, calls: 0, lives: 0 };

/** Has state fail from now on, or no more. @returns what has struck until then. */
export async function setStateFaults(url: string, faults: StateFaults): Promise<StruckState> {
  const response = await fetch(`${url}${FAULTS_PATH}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(faults),
  });
  return StruckState.parse(await response.json());
}
