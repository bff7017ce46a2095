/** The tool over the price catalogue: which models there are, and what they cost. */
import * as z from "zod";
import { systemClock } from "../../../core/clock.ts";
import {
  LISTED_PROVIDERS,
  ListedModel,
  ListedProvider,
  listedModels,
  PRICE_LIST_VERSION,
} from "../../../usage/price-list.ts";
import { defineMcpTool, READS } from "../define-mcp-tool.ts";
import type { McpCall, McpTool } from "../offer.ts";
import type { McpContext } from "./follow-call.ts";

const MOST_MODELS = 100;

const supplyCatalog = defineMcpTool({
  name: "get_supply_catalog",
  title: "Models and prices",
  description:
    "Lists models and what their tokens cost today, by the price list that the product ships with: US$ per million tokens of input, cached input, cache writes and output.",
  scope: "usage:read",
  effects: READS,
  input: z.strictObject({
    provider: ListedProvider.optional().describe("Default: all of them"),
    model: z.string().min(1).max(100).optional().describe("Only models whose name holds this"),
    offset: z.number().int().min(0).default(0).describe("The `next_offset` of the page before"),
    limit: z.number().int().min(1).max(MOST_MODELS).default(50),
  }),
  output: z.object({
    models: z.array(ListedModel),
    total: z.number().int().describe("How many fit, on all pages"),
    next_offset: z.number().int().nullable(),
    price_version: z.string(),
  }),
  async run({ provider, model, offset, limit }, _call: McpCall<McpContext>) {
    const now = systemClock.now();
    const providers = provider === undefined ? LISTED_PROVIDERS : [provider];
    const asked = model?.toLowerCase() ?? "";
    const fitting = providers
      .flatMap((each) => listedModels(each, now))
      .filter((listed) => listed.model.toLowerCase().includes(asked));
    const end = offset + limit;
    return {
      models: fitting.slice(offset, end),
      total: fitting.length,
      next_offset: end < fitting.length ? end : null,
      price_version: PRICE_LIST_VERSION,
    };
  },
});

/** The tools over the price catalogue. */
export const SUPPLY_TOOLS: readonly McpTool<McpContext>[] = [supplyCatalog];
