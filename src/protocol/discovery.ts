/** The bodies that tell what a host offers: its ways in, and how it is. */
import * as z from "zod";
import { Health } from "./api.ts";
import { Timestamp } from "./ids.ts";

export const Service = z.object({
  name: z.string(),
  path: z.string(),
  protocol: z.string(),
  version: z.string(),
  auth: z.array(z.enum(["bearer", "api_key", "cookie", "ticket"])),
  for: z.string().describe("Whom it is for"),
  document: z.string().nullable().describe("Where it is described on this host"),
});
export type Service = z.infer<typeof Service>;

export const Services = z.object({
  data: z.array(Service.extend({ url: z.string() })),
  aliases: z
    .array(z.object({ method: z.string().nullable(), path: z.string(), to: z.string() }))
    .describe("Other names of paths; a null method stands for any"),
});
export type Services = z.infer<typeof Services>;

export const ServerStatus = Health.extend({
  api_version: z.string(),
  protocol: z.string(),
  code_version: z.string(),
  environment: z.string(),
  time: Timestamp,
});
export type ServerStatus = z.infer<typeof ServerStatus>;
