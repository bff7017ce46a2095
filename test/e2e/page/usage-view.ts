/** The view of usage, as its tests come to it, and files of records for it. */
import { randomUUID } from "node:crypto";
import type { Visit } from "../browser.ts";
import { signIn } from "./sign-in.ts";

/** Signs somebody in who has no records yet, and goes to the view. */
export async function openUsage(visited: Promise<Visit>): Promise<Visit> {
  const { page, complaints } = await visited;
  await signIn(page);
  await page.goto("/usage");
  await page.getByText("You have no records of your own yet.").waitFor();
  return { page, complaints };
}

/** @returns a file as a person chooses it, whose kind is told by what is in it alone. */
export function fileOf(name: string, lines: readonly string[]) {
  const buffer = Buffer.from(lines.join("\n"));
  return { name, mimeType: "application/octet-stream", buffer };
}

/** A call of a model, as Apex Edge's own records tell of one. */
export function record(index: number): string {
  return JSON.stringify({
    record_id: `${FILE}-${index}`,
    ts: Date.parse("2026-10-01T00:00:00Z") + index * 1_000,
    provider: "openai",
    request_model: "gpt-5-mini",
    input_tokens: 1_000,
    output_tokens: 100,
  });
}

/** Records of two runs of this file are never the same. */
const FILE = randomUUID();
