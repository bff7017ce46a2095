/** The bodies about agents: what each is for, how it is set, and how its runs stand. */
import * as z from "zod";
import { RunId, ThreadId, Timestamp } from "./ids.ts";
import { ToolDescription } from "./tools.ts";

/** An agent's name, as a run names it; any text, because a lookup decides. */
export const AgentName = z.string().min(1).max(64);

export const AgentDescription = z.object({
  name: z.string(),
  role: z.string().describe("Its work as a clause"),
  is_default: z.boolean().describe("Whether it takes on messages that name no agent"),
  tools: z.array(z.string()).describe("The tools it may call"),
  hands_off_to: z.array(z.string()).describe("The agents it may give work to"),
  depends_on: z.array(z.string()).describe("The agents whose findings it works from"),
});
export type AgentDescription = z.infer<typeof AgentDescription>;

export const Agents = z.object({ data: z.array(AgentDescription) });
export type Agents = z.infer<typeof Agents>;

export const AgentConfig = AgentDescription.extend({
  instructions: z.string().describe("The orders it works by"),
  model: z.string().describe("The model of a run that names none"),
  models: z.array(z.string()).describe("The models on offer"),
  tools: z.array(ToolDescription),
  output: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe("JSON Schema of what it hands on in the team; null for who answers in words"),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

const count = z.number().int().min(0);

/** How an agent's runs stand, among those of the user who asks. */
export const AgentStatus = z.object({
  name: z.string(),
  status: z.enum(["idle", "busy"]),
  live_runs: z
    .array(z.object({ run_id: RunId, thread_id: ThreadId }))
    .describe("Waiting or running, the newest first, a hundred at most"),
  runs: z.object({ completed: count, failed: count, cancelled: count }),
  average_duration_ms: z.number().min(0).nullable().describe("Of completed runs"),
  last_run_at: Timestamp.nullable(),
});
export type AgentStatus = z.infer<typeof AgentStatus>;

export const AgentStatuses = z.object({ data: z.array(AgentStatus) });
export type AgentStatuses = z.infer<typeof AgentStatuses>;
