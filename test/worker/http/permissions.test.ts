/** The one table of permissions, held against every operation of the OpenAPI document: also those to come. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SCOPES } from "../../../src/protocol/scopes.ts";
import { ask } from "./ask.ts";
import { tokenWith } from "./scoped-token.ts";
import { foundTeam } from "./team.ts";

const TOOL_SCOPE = /^tools:[a-z][a-z0-9_]*$/;

const Document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        "x-permission": z.string(),
        security: z.array(z.record(z.string(), z.array(z.string()))),
        responses: z.record(z.string(), z.unknown()),
      }),
    ),
  ),
});

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly permission: string;
  readonly secured: boolean;
  readonly upgrades: boolean;
}

const { paths } = Document.parse(await (await ask("/openapi.json")).json());
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]): Operation => {
    const { security, responses } = operation;
    const permission = operation["x-permission"];
    const name = `${method.toUpperCase()} ${path}`;
    const facts = { secured: security.length > 0, upgrades: "101" in responses };
    return { name, method: method.toUpperCase(), path, permission, ...facts };
  }),
);
const permitted = operations.filter(({ permission }) => permission !== "anybody");

/** @returns the status of an answer to a token with these scopes: as an admin's, with ids that name nothing. */
async function statusFor(
  { method, path, upgrades }: Operation,
  scopes: readonly string[],
): Promise<number> {
  const token = await tokenWith(await foundTeam(), scopes);
  // Where no thread is named, a second permission is asked for.
  const address = path === "/ws" ? "/ws?thread_id=nothing" : path;
  const response = await ask(address.replaceAll(/\{[^}]+\}/g, "nothing"), {
    token,
    method,
    ...(upgrades && { headers: { upgrade: "websocket" } }),
    ...(["POST", "PUT", "PATCH"].includes(method) && { body: {} }),
  });
  await response.body?.cancel();
  response.webSocket?.accept();
  response.webSocket?.close();
  return response.status;
}

describe("every operation", () => {
  it.each(operations)("$name says who may call it, by the table", ({ permission, secured }) => {
    const isKnown = Object.hasOwn(SCOPES, permission) || TOOL_SCOPE.test(permission);

    expect({ permission, isKnown, secured }).toEqual({
      permission,
      isKnown: permission !== "anybody",
      secured: permission !== "anybody",
    });
  });

  it("is there to be held against the table", () => {
    expect(permitted.length).toBeGreaterThan(25);
  });
});

describe("a token that may do everything else", () => {
  it.each(permitted)("is refused at $name, which needs $permission", async (operation) => {
    const others = Object.keys(SCOPES).filter((scope) => scope !== operation.permission);
    const hidden = operation.permission === "operator";

    expect(await statusFor(operation, others)).toBe(hidden ? 404 : 403);
  });
});

describe("a token that may do just that", () => {
  it.each(permitted)("passes at $name, which needs $permission", async (operation) => {
    const status = await statusFor(operation, [operation.permission]);

    expect(status).not.toBe(401);
    expect(status).not.toBe(403);
    expect(status).toBeLessThan(500);
  });
});
