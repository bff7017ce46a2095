/** The bodies about one's profile, and how one likes things. */
import * as z from "zod";
import { Text } from "./text.ts";

/** Another name for oneself. */
export const UpdateProfileBody = z.strictObject({ name: Text.trim().min(1).max(128) });
export type UpdateProfileBody = z.infer<typeof UpdateProfileBody>;

const timeZone = Text.max(64).refine(isTimeZone, "must be a time zone, as Europe/Berlin");
const language = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
  .max(35);
const theme = z.enum(["system", "light", "dark"]);
const agent = Text.min(1).max(64);

/** How a user likes things, for clients to go by. */
export const Preferences = z.object({
  theme: theme.default("system"),
  language: language.nullable().default(null).describe("A tag of BCP 47"),
  time_zone: timeZone.nullable().default(null).describe("A name of the IANA's"),
  agent: agent.nullable().default(null).describe("The agent to offer first"),
});
export type Preferences = z.infer<typeof Preferences>;

/** What is left out stays; null takes it back. */
export const UpdatePreferencesBody = z.strictObject({
  theme: theme.nullable().optional(),
  language: language.nullable().optional(),
  time_zone: timeZone.nullable().optional(),
  agent: agent.nullable().optional(),
});
export type UpdatePreferencesBody = z.infer<typeof UpdatePreferencesBody>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
