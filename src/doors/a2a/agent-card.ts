/** The agent card: how agents of others find this one, and how they speak to it (A2A 1.0, and 0.3 beside it). */
import { AgentCard } from "@a2a-js/sdk";
import { DEFAULT_AGENT } from "../../agents/roster.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";

export const A2A_PATH = "/a2a";
export const CARD_PATH = "/.well-known/agent-card.json";
/** The versions of A2A that are spoken, the preferred one first. */
export const A2A_VERSIONS = ["1.0", "0.3"] as const;

const TEXT = ["text/plain"];
const BEARER = {
  scheme: "bearer",
  bearerFormat: "JWT",
  description: "The access token that signing in gives, or an API key",
};

/** @param origin where this host is reached, as `https://example.com`. */
export function agentCard(origin: string): AgentCard {
  const url = `${origin}${A2A_PATH}`;
  return {
    name: "Apex Edge",
    description: `Finds out where the cost and latency of LLM use go: the ${DEFAULT_AGENT.name} ${DEFAULT_AGENT.role}.`,
    version: PROTOCOL_VERSION,
    provider: undefined,
    documentationUrl: `${origin}/docs`,
    supportedInterfaces: A2A_VERSIONS.map((protocolVersion) => ({
      url,
      protocolBinding: "JSONRPC",
      tenant: "",
      protocolVersion,
    })),
    capabilities: { streaming: true, pushNotifications: false, extensions: [] },
    defaultInputModes: TEXT,
    defaultOutputModes: ["text/markdown"],
    skills: [
      {
        id: "llm-cost-analysis",
        name: "Analysis of LLM cost and latency",
        description:
          "Says from usage records what LLM calls cost and why, what would cut it, and how sure that is; every figure is computed by a tool.",
        tags: ["llm", "cost", "latency", "optimization"],
        examples: [
          "Where does our money go, by team?",
          "Cut our AI costs by 30 % without hurting latency.",
        ],
        inputModes: TEXT,
        outputModes: ["text/markdown"],
        securityRequirements: [],
      },
    ],
    securitySchemes: {
      bearer: {
        scheme: {
          $case: "httpAuthSecurityScheme",
          value: BEARER,
        },
      },
    },
    securityRequirements: [{ schemes: { bearer: { list: [] } } }],
    signatures: [],
  };
}

/**
 * @returns the card as JSON, with the fields by which clients of 0.3 find their way. A scheme is told of in both
 *   versions' words at once, since both look for it at the same place.
 */
export function cardJson(origin: string): object {
  return {
    ...Object(AgentCard.toJSON(agentCard(origin))),
    protocolVersion: "0.3.0",
    url: `${origin}${A2A_PATH}`,
    preferredTransport: "JSONRPC",
    securitySchemes: { bearer: { httpAuthSecurityScheme: BEARER, type: "http", ...BEARER } },
    security: [{ bearer: [] }],
  };
}
