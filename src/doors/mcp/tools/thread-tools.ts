/** The tools over threads and the team: who there is, what was said, and a place to say more. */
import * as z from "zod";
import { AGENT_NAMES, DEFAULT_AGENT, findAgent } from "../../../agents/roster.ts";
import { systemClock, timestamp } from "../../../core/clock.ts";
import { historyDatabase } from "../../../durable/history-database.ts";
import { askThread } from "../../../http/ask-thread.ts";
import { assertThread } from "../../../http/known-thread.ts";
import { listMessages } from "../../../http/list-messages.ts";
import { CreateThreadBody, MessagePage } from "../../../protocol/api.ts";
import { Thread } from "../../../protocol/entities.ts";
import { ThreadId } from "../../../protocol/ids.ts";
import { DEFAULT_PAGE, MAX_PAGE } from "../../../protocol/limits.ts";
import { Threads } from "../../../store/threads.ts";
import { defineMcpTool, READS } from "../define-mcp-tool.ts";
import type { McpCall, McpTool } from "../offer.ts";
import type { McpContext } from "./follow-call.ts";

/** An agent as people are told of it: never its orders. */
export const AgentCard = z.object({
  name: z.string(),
  role: z.string(),
  is_default: z.boolean(),
  tools: z.array(z.string()).describe("The tools it may call"),
  hands_off_to: z.array(z.string()).describe("The agents it may give work to"),
});
export type AgentCard = z.infer<typeof AgentCard>;

/** @returns the whole team, the default first. */
export function agentCards(): AgentCard[] {
  return AGENT_NAMES.flatMap((name) => {
    const agent = findAgent(name);
    if (agent === undefined) return [];
    const { role, tools, handsOffTo } = agent;
    const is_default = agent === DEFAULT_AGENT;
    return [{ name, role, is_default, tools: [...tools], hands_off_to: [...handsOffTo] }];
  });
}

const listAgents = defineMcpTool({
  name: "list_agents",
  title: "The team",
  description: "Lists the agents of the team, what each does, and the tools each may call.",
  scope: "threads:read",
  effects: READS,
  input: z.strictObject({}),
  output: z.object({ agents: z.array(AgentCard) }),
  run: async (_, _call: McpCall<McpContext>) => ({ agents: agentCards() }),
});

const createThread = defineMcpTool({
  name: "create_thread",
  title: "Begin a thread",
  description: "Begins a thread, in which messages and their answers are kept in order.",
  scope: "threads:write",
  effects: { reads: false, repeats: false },
  input: CreateThreadBody,
  output: Thread,
  async run(given, { who: c }: McpCall<McpContext>) {
    const { userId } = c.var.principal;
    const threads = new Threads(historyDatabase(c.env, userId), userId);
    const thread = await threads.create(given, timestamp(systemClock.now()));
    if (given.title !== undefined || given.metadata !== undefined) {
      const { title, metadata } = thread;
      await askThread(c, thread.id, (object) => object.label({ title, metadata }));
    }
    return thread;
  },
});

const history = defineMcpTool({
  name: "get_thread_history",
  title: "What was said",
  description: "Gives the messages of one of one's own threads, a page at a time.",
  scope: "threads:read",
  effects: READS,
  input: z.strictObject({
    thread_id: ThreadId,
    limit: z.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
    cursor: z.string().min(1).max(256).optional().describe("The `next_cursor` of the page before"),
    order: z.enum(["asc", "desc"]).default("asc").describe("asc: oldest first"),
  }),
  output: MessagePage,
  async run({ thread_id, limit, cursor, order }, { who: c }: McpCall<McpContext>) {
    const { userId } = c.var.principal;
    await assertThread(c.env, userId, thread_id);
    return await listMessages(c.env, userId, thread_id, {
      limit,
      cursor,
      order,
      superseded: "exclude",
    });
  },
});

/** The tools over threads and the team. */
export const THREAD_TOOLS: readonly McpTool<McpContext>[] = [listAgents, createThread, history];
