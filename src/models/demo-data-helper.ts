/** The data helper by rule: which records the request takes, and how they come in. */
import type * as z from "zod";
import type { DataNeeds } from "../protocol/team-findings.ts";
import type { PartScene } from "./demo-results.ts";

/** What the data helper hands on. */
export function dataNeeds({ question }: PartScene): z.input<typeof DataNeeds> {
  const needs = [
    {
      what: "A record of each request: model, input, cached and output tokens, time, status",
      why: "Cost, waste and every lever are computed from single requests",
      how: "POST /api/usage/records (NDJSON or JSON), or npm run import -- file",
    },
    {
      what: "The feature, team and environment of each request",
      why: "They say where the money goes, and who can change it",
      how: "The columns feature, team and environment of the records",
    },
    {
      what: "Hashes of the prompts, and of their blocks",
      why: "Caching and repeated requests are found by them, without the text",
      how: "The columns prompt_hmac and block_hmacs, or OTLP traces at /v1/traces",
    },
  ];
  const latency = {
    what: "The latency of each request, and whether a person waited for it",
    why: "Without it nothing can be said of what a change does to latency",
    how: "The columns latency_ms, ttft_ms and interactive",
  };
  return { needs: question.noLatencyCost ? [...needs, latency] : needs };
}
