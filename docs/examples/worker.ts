/** A Worker that asks on behalf of its caller: POST a question, and get the answer as text. */
import { ApexClient } from "apex-edge-client";

interface Env {
  readonly APEX: string;
  /** A secret: an API key with the scopes threads:write and runs:write. */
  readonly APEX_KEY: string;
}

export default {
  async fetch(request: Request, { APEX, APEX_KEY }: Env): Promise<Response> {
    if (request.method !== "POST") return new Response("POST a question.", { status: 405 });
    const client = new ApexClient({ baseUrl: APEX, apiKey: APEX_KEY });
    const ended = Promise.withResolvers<string>();
    const connection = client.connect(null, {
      onFrame: (frame) => {
        if (frame.type === "agent_completed") ended.resolve(frame.data.final_response);
      },
      onStatus: (status, error) => {
        if (status === "closed" && error) ended.reject(error);
      },
    });
    try {
      await connection.send(await request.text());
      return new Response(await ended.promise);
    } finally {
      connection.close();
    }
  },
};
