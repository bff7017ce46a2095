/** What can be read: the team, the prices, one's threads, and the reports of their runs. */
import type { Resource } from "@modelcontextprotocol/server";
import { assertPermitted } from "../../auth/permission.ts";
import { systemClock } from "../../core/clock.ts";
import { reportMarkdown } from "../../core/report/markdown.ts";
import { historyDatabase } from "../../durable/history-database.ts";
import { reportOf } from "../../http/known-run.ts";
import { assertThread } from "../../http/known-thread.ts";
import { listMessages } from "../../http/list-messages.ts";
import type { Thread } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import { RunId, ThreadId } from "../../protocol/ids.ts";
import { DEFAULT_PAGE, MAX_PAGE } from "../../protocol/limits.ts";
import { Threads } from "../../store/threads.ts";
import {
  LISTED_PROVIDERS,
  ListedProvider,
  listedModels,
  PRICE_LIST_VERSION,
} from "../../usage/price-list.ts";
import type { McpResources } from "./offer.ts";
import type { McpContext } from "./tools/follow-call.ts";
import { agentCards } from "./tools/thread-tools.ts";

/** What a resource holds. */
interface Text {
  readonly mimeType: string;
  readonly text: string;
}

const JSON_TYPE = "application/json";
const MARKDOWN = "text/markdown";

const AGENTS = "apex://agents";
const PRICES = "apex://prices";

const CATALOGUES: readonly Resource[] = [
  {
    uri: AGENTS,
    name: "agents",
    title: "The team",
    description: "The agents, what each does, and the tools each may call",
    mimeType: JSON_TYPE,
  },
  {
    uri: PRICES,
    name: "prices",
    title: "Price catalogue",
    description: "The providers whose models have known prices",
    mimeType: JSON_TYPE,
  },
];

/** A page begins with the catalogues, and goes on with one's threads, the newest first. */
export const RESOURCES: McpResources<McpContext> = {
  async list(c, cursor) {
    const own = threadsOf(c);
    const { data, next_cursor } = await own.list({ limit: DEFAULT_PAGE, cursor });
    const listed = data.map(listedThread);
    return {
      items: cursor === undefined ? [...CATALOGUES, ...listed] : listed,
      nextCursor: next_cursor,
    };
  },
  templates: [
    {
      uriTemplate: "apex://threads/{thread_id}",
      name: "thread",
      title: "A thread",
      description: "What was said in one of one's own threads: its newest messages",
      mimeType: JSON_TYPE,
    },
    {
      uriTemplate: "apex://runs/{run_id}/report",
      name: "report",
      title: "A report",
      description: "What a run found: savings, evidence, plan and risks",
      mimeType: MARKDOWN,
    },
    {
      uriTemplate: "apex://prices/{provider}",
      name: "provider-prices",
      title: "A provider's prices",
      description: `The models of one of ${LISTED_PROVIDERS.join(", ")}, in US$ per million tokens`,
      mimeType: JSON_TYPE,
    },
  ],
  async read(c, uri) {
    try {
      const found = await read(c, uri);
      return found && { uri, ...found };
    } catch (error) {
      if (error instanceof ApexError && error.code === "not_found") return null;
      throw error;
    }
  },
};

async function read(c: McpContext, uri: string): Promise<Text | null> {
  const { scopes } = c.var.principal;
  if (uri === AGENTS) return json({ agents: agentCards() });
  if (uri === PRICES) {
    const providers = LISTED_PROVIDERS.map((provider) => `${PRICES}/${provider}`);
    return json({ price_version: PRICE_LIST_VERSION, providers });
  }
  const [, kind, id = "", part] = /^apex:\/\/([a-z]+)\/([^/?#]+)(?:\/(report))?$/.exec(uri) ?? [];
  if (kind === "prices" && part === undefined) return pricesOf(id);
  if (kind === "threads" && part === undefined) return await threadOf(c, id);
  if (kind !== "runs" || part === undefined) return null;
  assertPermitted(scopes, "runs:read");
  const runId = RunId.safeParse(id);
  const report = runId.success ? await reportOf(c, runId.data) : null;
  return report && { mimeType: MARKDOWN, text: reportMarkdown(report) };
}

function pricesOf(name: string): Text | null {
  const provider = ListedProvider.safeParse(name);
  if (!provider.success) return null;
  const models = listedModels(provider.data, systemClock.now());
  return json({ price_version: PRICE_LIST_VERSION, models });
}

async function threadOf(c: McpContext, id: string): Promise<Text | null> {
  const threadId = ThreadId.safeParse(id);
  if (!threadId.success) return null;
  const { userId } = c.var.principal;
  await assertThread(c.env, userId, threadId.data);
  const [thread, page] = await Promise.all([
    threadsOf(c).get(threadId.data),
    listMessages(c.env, userId, threadId.data, {
      limit: MAX_PAGE,
      order: "desc",
      superseded: "exclude",
    }),
  ]);
  return json({ thread, messages: page.data.toReversed(), more: page.next_cursor !== null });
}

function listedThread({ id, title, updated_at }: Thread): Resource {
  return {
    uri: `apex://threads/${id}`,
    name: `thread-${id}`,
    title: title ?? "A thread without a title",
    mimeType: JSON_TYPE,
    annotations: { lastModified: updated_at },
  };
}

function threadsOf(c: McpContext): Threads {
  const { userId } = c.var.principal;
  return new Threads(historyDatabase(c.env, userId), userId);
}

function json(value: object): Text {
  return { mimeType: JSON_TYPE, text: JSON.stringify(value) };
}
