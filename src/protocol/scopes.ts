/** Permissions: every scope once, and which roles of a team hold it. Routes and tools name what they ask for. */
import * as z from "zod";

/** What a person is in a team. Who has no team is a member of their own. */
export const OrganizationRole = z.enum(["member", "admin"]);
export type OrganizationRole = z.infer<typeof OrganizationRole>;

interface ScopeRule {
  readonly allows: string;
  /** The roles that hold it by themselves; who holds it otherwise was granted it by the operator. */
  readonly roles: readonly OrganizationRole[];
  /** Whether an API key may hold it: what could lock its owner out never leaves a sign-in. */
  readonly forKeys: boolean;
}

const EVERYBODY = ["member", "admin"] as const;

/** The one table of permissions. Tools are permitted by name as well: see {@link toolScope}. */
export const SCOPES = {
  "threads:read": { allows: "Read threads and what was said", roles: EVERYBODY, forKeys: true },
  "threads:write": { allows: "Make and delete threads", roles: EVERYBODY, forKeys: true },
  "runs:read": { allows: "Read how runs stand", roles: EVERYBODY, forKeys: true },
  "runs:write": { allows: "Send messages, stop runs", roles: EVERYBODY, forKeys: true },
  "tools:*": { allows: "Have agents call every tool", roles: EVERYBODY, forKeys: true },
  "usage:read": { allows: "Read usage records and limits", roles: EVERYBODY, forKeys: true },
  "usage:write": { allows: "Add and remove usage records", roles: EVERYBODY, forKeys: true },
  "mcp:read": { allows: "Read which MCP servers are connected", roles: EVERYBODY, forKeys: true },
  "mcp:write": { allows: "Connect and remove MCP servers", roles: EVERYBODY, forKeys: false },
  "account:read": { allows: "Read the account", roles: EVERYBODY, forKeys: true },
  "account:write": {
    allows: "Change the account: password, sessions, keys, its end",
    roles: EVERYBODY,
    forKeys: false,
  },
  admin: { allows: "Administer the team", roles: ["admin"], forKeys: false },
  operator: { allows: "Operate the platform", roles: [], forKeys: false },
} as const satisfies Record<string, ScopeRule>;

export type NamedScope = keyof typeof SCOPES;

/** The permission of a tool, or of them all. */
export type ToolScope = `tools:${string}`;

/** A permission as routes and tools declare it. */
export type Scope = NamedScope | ToolScope;

const EVERY_TOOL = "tools:*" satisfies NamedScope;

/** The scopes of the table that an API key may hold, and any one tool's. */
export const KeyScope = z.union([
  z.enum(Object.keys(SCOPES).filter((scope) => isNamed(scope) && SCOPES[scope].forKeys)),
  z.string().regex(/^tools:[a-z][a-z0-9_]{0,63}$/, "is no scope that a key may hold"),
]);

/** @returns the scope that permits one tool. */
export function toolScope(tool: string): ToolScope {
  return `tools:${tool}`;
}

/** @returns what a sign-in may do: what the role holds, and what was granted beside it. */
export function scopesOf(role: OrganizationRole, granted: readonly string[]): string[] {
  const held = Object.entries(SCOPES).flatMap(([scope, { roles }]) =>
    roles.some((holder) => holder === role) ? [scope] : [],
  );
  return [...new Set([...held, ...granted])];
}

/** @returns whether scopes permit what is asked for; `tools:*` permits every tool. */
export function permits(held: readonly string[], asked: Scope): boolean {
  return covers(held, asked);
}

/** @returns the first of the scopes that a holder of `held` may not pass on; undefined if all may be. */
export function findUnheld(scopes: readonly string[], held: readonly string[]): string | undefined {
  return scopes.find((scope) => !covers(held, scope));
}

/** @returns the scopes that an API key has now: those it was made with, if its owner still holds them. */
export function keyScopesOf(scopes: readonly string[], held: readonly string[]): string[] {
  return scopes.filter((scope) => KeyScope.safeParse(scope).success && covers(held, scope));
}

/** @returns the scopes that limit which tools a run may call; null if it may call all. */
export function toolScopesOf(held: readonly string[]): string[] | null {
  return held.includes(EVERY_TOOL) ? null : held.filter(isOfTool);
}

function covers(held: readonly string[], scope: string): boolean {
  return held.includes(scope) || (isOfTool(scope) && held.includes(EVERY_TOOL));
}

function isOfTool(scope: string): boolean {
  return scope.startsWith("tools:");
}

function isNamed(scope: string): scope is NamedScope {
  return Object.hasOwn(SCOPES, scope);
}
