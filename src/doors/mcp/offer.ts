/** What an MCP server offers, as data: tools, resources and prompts, each with the scope it asks for. */
import type {
  CallToolResult,
  GetPromptResult,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplateType,
  Tool,
} from "@modelcontextprotocol/server";
import type { RunId } from "../../protocol/ids.ts";
import type { Json } from "../../protocol/json.ts";
import type { Scope } from "../../protocol/scopes.ts";

/** One call of a tool: for whom, and the ways to say how it goes. */
export interface McpCall<Who> {
  readonly who: Who;
  /** Aborts where the client's leaving means that nobody wants the call: never in the era of sessions. */
  readonly signal: AbortSignal;
  /** Tells the client how far it is, where the client asked to be told. */
  progress(message: string): Promise<void>;
  /** Notes the run that a later cancellation of this request means. */
  began(runId: RunId): Promise<void>;
}

export interface McpTool<Who> {
  readonly scope: Scope;
  readonly listing: Tool;
  /** @throws {ApexError} what went wrong: the client's model is told of it, as the tool's result. */
  call(args: Json, call: McpCall<Who>): Promise<CallToolResult>;
}

/** What a resource holds, under the address it was asked for by. */
type McpContents = ReadResourceResult["contents"][number];

interface McpPage<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export interface McpResources<Who> {
  /** @throws {ApexError} `invalid_fields` where the cursor is not one of this list. */
  list(who: Who, cursor: string | undefined): Promise<McpPage<Resource>>;
  readonly templates: readonly ResourceTemplateType[];
  /** @returns null where there is no such resource, for this user. */
  read(who: Who, uri: string): Promise<McpContents | null>;
}

export interface McpPrompt {
  readonly listing: Prompt;
  /** @throws {ApexError} `invalid_fields` where the arguments do not fit. */
  get(args: Readonly<Record<string, string>>): GetPromptResult;
}

export interface McpOffer<Who> {
  readonly tools: readonly McpTool<Who>[];
  readonly resources: McpResources<Who>;
  readonly prompts: readonly McpPrompt[];
  /** What the client's model should know of it all. */
  readonly instructions: string;
}
