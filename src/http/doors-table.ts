/** The protocols that can be used to reach the product, for discovery. Those that are not mounted are left out. */
import type { Service } from "../protocol/discovery.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { API_VERSION } from "./api-version.ts";

const SIGNED_IN: Service["auth"] = ["bearer", "api_key", "cookie"];
const BY_HEADER: Service["auth"] = ["bearer", "api_key"];

/** The services by their paths. Each is listed only if its path is routed. */
export const DOORS: readonly Service[] = [
  {
    name: "api",
    path: "/api/threads",
    protocol: "HTTP, JSON",
    version: API_VERSION,
    auth: SIGNED_IN,
    for: "Programs: threads, messages, runs, agents, tools, usage and account",
    document: "/openapi.json",
  },
  {
    name: "socket",
    path: "/ws",
    protocol: "WebSocket, JSON frames",
    version: PROTOCOL_VERSION,
    auth: ["bearer", "api_key", "ticket"],
    for: "Pages and terminals: everything live, both ways",
    document: "/openapi.json",
  },
  {
    name: "thread_events",
    path: "/api/threads/{id}/events",
    protocol: "Server-sent events",
    version: PROTOCOL_VERSION,
    auth: SIGNED_IN,
    for: "Whoever follows one thread",
    document: "/openapi.json",
  },
  {
    name: "feed",
    path: "/api/events/stream",
    protocol: "Server-sent events",
    version: PROTOCOL_VERSION,
    auth: SIGNED_IN,
    for: "Whoever follows all of one's threads",
    document: "/openapi.json",
  },
  {
    name: "chat_stream",
    path: "/api/chat/stream",
    protocol: "Server-sent events",
    version: PROTOCOL_VERSION,
    auth: SIGNED_IN,
    for: "One question and its answer, in one request",
    document: "/openapi.json",
  },
  {
    name: "openai_chat_completions",
    path: "/v1/chat/completions",
    protocol: "OpenAI Chat Completions",
    version: "v1",
    auth: BY_HEADER,
    for: "The OpenAI SDKs, and what speaks their protocol",
    document: null,
  },
  {
    name: "openai_responses",
    path: "/v1/responses",
    protocol: "OpenAI Responses",
    version: "v1",
    auth: BY_HEADER,
    for: "The OpenAI SDKs, and what speaks their protocol",
    document: null,
  },
  {
    name: "ai_sdk",
    path: "/api/ai-sdk/chat",
    protocol: "AI SDK UI message stream",
    version: "v1",
    auth: SIGNED_IN,
    for: "useChat of the Vercel AI SDK",
    document: null,
  },
  {
    name: "ag_ui",
    path: "/ag-ui",
    protocol: "AG-UI",
    version: "1.0",
    auth: SIGNED_IN,
    for: "AG-UI clients, and CopilotKit",
    document: null,
  },
  {
    name: "mcp",
    path: "/mcp",
    protocol: "Model Context Protocol, Streamable HTTP",
    version: "2025-11-25, 2026-07-28",
    auth: BY_HEADER,
    for: "MCP hosts: assistants and editors",
    document: null,
  },
  {
    name: "a2a",
    path: "/.well-known/agent-card.json",
    protocol: "Agent2Agent",
    version: "1.0",
    auth: BY_HEADER,
    for: "Other agents",
    document: null,
  },
  {
    name: "traces",
    path: "/v1/traces",
    protocol: "OTLP/HTTP, JSON",
    version: "v1",
    auth: BY_HEADER,
    for: "OpenTelemetry exporters: usage in",
    document: "/openapi.json",
  },
];
