/** The peer: Cloudflare's Agents SDK as its README begins it, with its default persistence. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { AIChatAgent } from "@cloudflare/ai-chat";
import { routeAgentRequest } from "agents";
import { convertToModelMessages, streamText } from "ai";

interface PeerEnv extends Cloudflare.Env {
  readonly ChatAgent: DurableObjectNamespace<ChatAgent>;
  readonly MODEL_URL: string;
  readonly MODEL_KEY: string;
}

/** Answers by the model, over all that was said. */
export class ChatAgent extends AIChatAgent<PeerEnv> {
  override async onChatMessage() {
    const { MODEL_URL: baseURL, MODEL_KEY: apiKey } = this.env;
    const provider = createOpenAICompatible({ name: "bench", baseURL, apiKey });
    const result = streamText({
      model: provider("gpt-4.1-mini"),
      messages: await convertToModelMessages(this.messages),
    });
    return result.toUIMessageStreamResponse();
  }
}

export default {
  async fetch(request, env) {
    return (await routeAgentRequest(request, env)) ?? new Response("Not found", { status: 404 });
  },
} satisfies ExportedHandler<PeerEnv>;
