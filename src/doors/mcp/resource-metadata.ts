/** What a client has to know to be let in (RFC 9728): where it is told, and what it says. */
import * as z from "zod";
import type { Config } from "../../env.ts";
import { SCOPES } from "../../protocol/scopes.ts";

export const MCP_PATH = "/mcp";
export const METADATA_PATH = "/.well-known/oauth-protected-resource";

/** The part of RFC 9728, section 2, that is said of the MCP server. */
export const ResourceMetadata = z.object({
  resource: z.url().describe("Who asks for a token asks for one for this (RFC 8707)"),
  resource_name: z.string(),
  resource_documentation: z.url(),
  authorization_servers: z
    .array(z.url())
    .optional()
    .describe("Whose tokens are taken, beside the product's own; left out where there are none"),
  bearer_methods_supported: z.tuple([z.literal("header")]),
  scopes_supported: z.array(z.string()),
});

/** @param origin of the request: the server is wherever it is reached. */
export function resourceMetadata(
  origin: string,
  { trustedIssuers }: Config,
): z.output<typeof ResourceMetadata> {
  const issuers = trustedIssuers.flatMap(({ issuer, header }) =>
    header === undefined ? [issuer] : [],
  );
  return {
    resource: `${origin}${MCP_PATH}`,
    resource_name: "Apex Edge",
    resource_documentation: `${origin}/docs`,
    ...(issuers.length > 0 && { authorization_servers: issuers }),
    bearer_methods_supported: ["header"],
    scopes_supported: Object.entries(SCOPES).flatMap(([scope, { forKeys }]) =>
      forKeys ? [scope] : [],
    ),
  };
}

/** @returns where the metadata of the server at an origin is (RFC 9728, section 3.1). */
export function metadataUrl(origin: string): string {
  return `${origin}${METADATA_PATH}${MCP_PATH}`;
}
