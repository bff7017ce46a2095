/** The model server behind the shared product, as tests speak to it: over HTTP, for it lives in another process. */
import { mkdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, inject } from "vitest";
import { z } from "zod";
import { CompletionRequest, type StepInput } from "../model-server/step.ts";

const Seen = z.array(z.object({ body: CompletionRequest, aborted: z.boolean() }));
type Seen = z.infer<typeof Seen>;

/** For the files before this one, in milliseconds. */
const TURN_DEADLINE_MS = 10 * 60_000;
const POLL_MS = 250;

/** There is one script for all: the files that import this take turns, by a directory that only one can make. */
const turn = () => join(inject("openaiState"), "model-script.turn");

beforeAll(async () => {
  while (
    !(await mkdir(turn()).then(
      () => true,
      () => false,
    ))
  )
    await sleep(POLL_MS);
  await fetch(requestsUrl(), { method: "DELETE", headers: key() });
}, TURN_DEADLINE_MS);
afterAll(() => rmdir(turn()));

const key = () => ({ authorization: `Bearer ${inject("modelKey")}` });
const requestsUrl = () => `${inject("modelServerUrl")}/v1/requests`;

/** Replaces what the model answers to the next requests; then it answers by itself again. */
export async function scriptModel(steps: readonly StepInput[]): Promise<void> {
  const answer = await fetch(`${inject("modelServerUrl")}/v1/script`, {
    method: "POST",
    headers: key(),
    body: JSON.stringify({ steps }),
  });
  if (!answer.ok) throw new Error(`The script was refused: ${await answer.text()}`);
}

/** @returns every request the model got since this file's turn began, oldest first. */
export async function modelRequests(): Promise<Seen> {
  const answer = await fetch(requestsUrl(), { headers: key() });
  if (!answer.ok) throw new Error(await answer.text());
  return Seen.parse(await answer.json());
}
