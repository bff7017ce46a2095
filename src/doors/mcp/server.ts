/** An MCP server for one request, of whichever era: what an offer holds, as far as the scopes go. */
import {
  type McpRequestContext,
  ProtocolError,
  ProtocolErrorCode,
  type RequestId,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { ApexError } from "../../protocol/errors.ts";
import type { RunId } from "../../protocol/ids.ts";
import { Json } from "../../protocol/json.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { permits, type Scope } from "../../protocol/scopes.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { failedCall, noSuchResource, protocolErrorOf } from "./failures.ts";
import type { McpCall, McpOffer, McpTool } from "./offer.ts";

/** A name, and a title for people. */
const SERVER_INFO = { name: "apex-edge", title: "Apex Edge", version: PROTOCOL_VERSION };

/** Whom one request is served for. */
export interface Served<Who> {
  readonly who: Who;
  readonly scopes: readonly string[];
  readonly era: McpRequestContext["era"];
  /** Notes which run a request began, for a cancellation that comes as a request of its own. */
  note(request: RequestId, run: RunId): Promise<void>;
  /** Told of failures that are not the client's. */
  onFailure(failure: ApexError): void;
}

/** @returns the server; connect it to the request's transport. */
export function mcpServer<Who>(offer: McpOffer<Who>, served: Served<Who>): Server {
  const { who, scopes } = served;
  const server = new Server(SERVER_INFO, {
    capabilities: { tools: {}, resources: {}, prompts: {} },
    instructions: offer.instructions,
  });
  const tools = offer.tools.filter(({ scope }) => permits(scopes, scope));

  async function asked<Answer>(answer: () => Promise<Answer>): Promise<Answer> {
    try {
      return await answer();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      throw protocolErrorOf(failureOf(error));
    }
  }

  function failureOf(error: unknown): ApexError {
    const failure = ApexError.from(error);
    if (failure.status >= 500) served.onFailure(failure);
    return failure;
  }

  server.setRequestHandler("tools/list", () => ({ tools: tools.map(({ listing }) => listing) }));
  server.setRequestHandler("tools/call", async ({ params }, ctx) => {
    const tool = toolNamed(offer.tools, params.name, scopes);
    try {
      const args = parseInput(Json, params.arguments ?? {}, `the arguments of ${params.name}`);
      return await tool.call(args, callOf(served, ctx));
    } catch (error) {
      return failedCall(failureOf(error));
    }
  });
  server.setRequestHandler("resources/list", ({ params }) =>
    asked(async () => {
      const { items, nextCursor } = await offer.resources.list(who, params?.cursor);
      return { resources: [...items], ...(nextCursor !== null && { nextCursor }) };
    }),
  );
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: [...offer.resources.templates],
  }));
  server.setRequestHandler("resources/read", ({ params: { uri } }) =>
    asked(async () => {
      const found = await offer.resources.read(who, uri);
      if (found === null) throw noSuchResource(uri);
      return { contents: [found] };
    }),
  );
  server.setRequestHandler("prompts/list", () => ({
    prompts: offer.prompts.map(({ listing }) => listing),
  }));
  server.setRequestHandler("prompts/get", ({ params }) =>
    asked(async () => {
      const prompt = offer.prompts.find(({ listing }) => listing.name === params.name);
      if (prompt !== undefined) return prompt.get(params.arguments ?? {});
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `No prompt is named ${params.name}.`,
      );
    }),
  );
  return server;
}

/** @throws {ProtocolError} where there is none of this name, or the scopes do not permit it. */
function toolNamed<Who>(
  tools: readonly McpTool<Who>[],
  name: string,
  scopes: readonly string[],
): McpTool<Who> {
  const tool = tools.find(({ listing }) => listing.name === name);
  if (tool === undefined) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `No tool is named ${name}.`);
  }
  if (!permits(scopes, tool.scope)) throw protocolErrorOf(missing(tool.scope));
  return tool;
}

function missing(scope: Scope): ApexError {
  return new ApexError("forbidden", `This needs the permission ${scope}.`);
}

function callOf<Who>(served: Served<Who>, { mcpReq }: ServerContext): McpCall<Who> {
  const progressToken = mcpReq._meta?.progressToken;
  let progress = 0;
  return {
    who: served.who,
    signal: served.era === "modern" ? mcpReq.signal : new AbortController().signal,
    async progress(message) {
      if (progressToken === undefined) return;
      progress += 1;
      const params = { progressToken, progress, message };
      // A client that has left needs no progress notices, but its call may continue.
      await mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
    },
    began: (runId) => served.note(mcpReq.id, runId),
  };
}
