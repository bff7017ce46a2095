/** What the sources call providers, and what the price list does. */

const KNOWN_AS: Readonly<Record<string, string>> = {
  "aws.bedrock": "aws",
  bedrock: "aws",
  "azure.ai.inference": "azure",
  "azure.ai.openai": "azure",
  azure_ai: "azure",
  "az.ai.openai": "azure",
  "az.ai.inference": "azure",
  fireworks_ai: "fireworks",
  gemini: "google",
  "gcp.gemini": "google",
  "gcp.gen_ai": "google",
  "gcp.vertex_ai": "google",
  vertex_ai: "google",
  mistral_ai: "mistral",
  mistralai: "mistral",
  together_ai: "together",
  x_ai: "x-ai",
  xai: "x-ai",
};

/** Stands in records whose source and model name no provider: they stay unpriced. */
export const UNKNOWN_PROVIDER = "unknown";

/** How models are called whose provider is not named. */
const BY_MODEL: readonly (readonly [RegExp, string])[] = [
  [/^(gpt-|o\d|chatgpt-|text-embedding-|codex-)/, "openai"],
  [/^claude-/, "anthropic"],
  [/^gemini-/, "google"],
];

/** @returns the provider as the price list knows it; by its model where the source names none. */
export function providerOf(name: string | null, model: string): string {
  const plain = name?.toLowerCase() ?? BY_MODEL.find(([pattern]) => pattern.test(model))?.[1];
  return plain === undefined ? UNKNOWN_PROVIDER : (KNOWN_AS[plain] ?? plain);
}
