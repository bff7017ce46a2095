/** Every schema of the wire by its name: what the tests of the protocol hold as a whole. */
import { z } from "zod";
import * as account from "../../../src/protocol/account.ts";
import { FeedFrame } from "../../../src/protocol/account-feed.ts";
import * as agents from "../../../src/protocol/agents.ts";
import * as api from "../../../src/protocol/api.ts";
import * as approvals from "../../../src/protocol/approvals.ts";
import * as budget from "../../../src/protocol/budget.ts";
import { Command } from "../../../src/protocol/commands.ts";
import * as discovery from "../../../src/protocol/discovery.ts";
import { ServerFrame } from "../../../src/protocol/events.ts";
import * as history from "../../../src/protocol/history.ts";
import * as mcpServers from "../../../src/protocol/mcp-servers.ts";
import * as metrics from "../../../src/protocol/metrics.ts";
import * as organization from "../../../src/protocol/organization.ts";
import * as preferences from "../../../src/protocol/preferences.ts";
import { Problem } from "../../../src/protocol/problem.ts";
import * as runs from "../../../src/protocol/runs.ts";
import * as sharing from "../../../src/protocol/sharing.ts";
import * as tools from "../../../src/protocol/tools.ts";
import * as usage from "../../../src/protocol/usage.ts";
import * as webhooks from "../../../src/protocol/webhooks.ts";

type Named = readonly [name: string, schema: z.ZodType];

/** What a server sends over a socket or an event stream of a thread. */
export const FRAMES = ServerFrame.options.map((option): Named => [option.shape.type.value, option]);

/** What a server sends in the feed of all of a user's threads. */
export const FEED = FeedFrame.options.map(
  (option): Named => [`feed ${option.shape.type.value}`, option],
);

/** What a client sends over a socket. */
export const COMMANDS = Command.options.map((option): Named => [option.shape.type.value, option]);

/** What HTTP requests and answers hold. */
export const BODIES = Object.entries({
  ...api,
  ...account,
  ...agents,
  ...discovery,
  ...history,
  ...mcpServers,
  ...metrics,
  ...preferences,
  ...runs,
  ...tools,
  ...organization,
  ...budget,
  ...webhooks,
  ...sharing,
  ApprovalReceipt: approvals.ApprovalReceipt,
  DecideApprovalBody: approvals.DecideApprovalBody,
  ...usage,
  Problem,
}).flatMap(([name, schema]): Named[] =>
  schema instanceof z.ZodObject || schema instanceof z.ZodUnion ? [[name, schema]] : [],
);

/** What a client decides: a field of it that the server does not know is one the client gets wrong. */
export const REQUESTS = [...COMMANDS, ...BODIES.filter(([name]) => name.endsWith("Body"))];
