/** The model server as a test of the openai model needs it: started, scripted, and closed again. */
import { afterAll, beforeAll } from "vitest";
import { openaiModel } from "../../../src/models/openai.ts";
import { type ModelServer, startModelServer } from "../../model-server/main.ts";
import type { SeenRequest, StepInput } from "../../model-server/step.ts";
import { memoryLog } from "./fixture.ts";

const DEADLINES = { totalMs: 5_000, idleMs: 2_000 };

/** Serves the tests of the file that calls it. @returns how to get a model with a script. */
export function serveModels() {
  let server: ModelServer;
  let count = 0;
  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());

  /** @returns a model whose endpoint plays the steps, its key, its log, and what the server got. */
  return function scripted(steps: readonly StepInput[], deadlines = DEADLINES) {
    const key = `sk-secret-${++count}`;
    server.script(key, steps);
    const log = memoryLog();
    const baseUrl = `${server.url}/v1`;
    const model = openaiModel({ apiKey: key, baseUrl, models: ["m"], log, deadlines });
    const requests = (): readonly SeenRequest[] => server.requests(key);
    return { key, log, model, requests };
  };
}
