/** The model server behind the shared product, as tests speak to it: over HTTP, for it lives in another process. */
import { inject } from "vitest";
import { z } from "zod";
import { CompletionRequest, type StepInput } from "../model-server/step.ts";

const Seen = z.array(z.object({ body: CompletionRequest, aborted: z.boolean() }));
type Seen = z.infer<typeof Seen>;

const key = () => ({ authorization: `Bearer ${inject("modelKey")}` });

/** Replaces what the model answers to the next requests; then it answers by itself again. */
export async function scriptModel(steps: readonly StepInput[]): Promise<void> {
  const answer = await fetch(`${inject("modelServerUrl")}/v1/script`, {
    method: "POST",
    headers: key(),
    body: JSON.stringify({ steps }),
  });
  if (!answer.ok) throw new Error(`The script was refused: ${await answer.text()}`);
}

/** @returns every request the model got so far, oldest first. */
export async function modelRequests(): Promise<Seen> {
  const answer = await fetch(`${inject("modelServerUrl")}/v1/requests`, { headers: key() });
  return Seen.parse(await answer.json());
}
