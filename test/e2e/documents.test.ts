/** What the product says of itself: its OpenAPI document, and the pages that people open. */
import { beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** The design's table of paths that stand. */
const STANDING = [
  "post /api/auth/register",
  "post /api/auth/login",
  "post /api/auth/dev-login",
  "post /api/auth/refresh",
  "post /api/auth/logout",
  "get /api/auth/me",
  "post /api/threads",
  "get /api/threads",
  "get /api/threads/{id}",
  "patch /api/threads/{id}",
  "delete /api/threads/{id}",
  "get /api/threads/{id}/messages",
  "post /api/threads/{id}/messages",
  "get /api/threads/{id}/socket",
  "get /ws",
  "post /api/threads/{id}/ticket",
  "get /api/threads/{id}/events",
  "get /api/runs/{id}",
  "post /api/runs/{id}/cancel",
];

/** What OpenAPI 3.1.0 (section 4.8) requires of the parts that this document has. */
const Parameter = z.looseObject({
  name: z.string(),
  in: z.enum(["path", "query", "header", "cookie"]),
  required: z.boolean().optional(),
  schema: z.looseObject({}),
});
const Content = z.record(
  z.string().regex(/^\S+\/\S+$/),
  z.looseObject({ schema: z.looseObject({}) }),
);
const Operation = z.looseObject({
  summary: z.string().min(1),
  tags: z.array(z.string()).min(1),
  parameters: z.array(Parameter).default([]),
  requestBody: z.looseObject({ content: Content }).optional(),
  responses: z
    .record(
      z.string().regex(/^[1-5]\d\d$/),
      z.looseObject({ description: z.string().min(1), content: Content.optional() }),
    )
    .refine((responses) => Object.keys(responses).length > 0),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
});
const Document = z.looseObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string().startsWith("/"), z.partialRecord(z.enum(METHODS), Operation)),
  components: z.looseObject({
    schemas: z.record(z.string().regex(/^[\w.-]+$/), z.looseObject({})),
    examples: z.record(z.string().regex(/^[\w.-]+$/), z.looseObject({ value: z.unknown() })),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.string() })),
  }),
});

describe("The OpenAPI document", () => {
  let raw: unknown;
  let document: z.output<typeof Document>;

  beforeAll(async () => {
    const answer = await fetch(`${inject("demoUrl")}/openapi.json`);
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
    raw = await answer.json();
    document = Document.parse(raw);
  });

  function operations() {
    return Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
  }

  test("describes every path that stands", () => {
    const described = operations().map(({ method, path }) => `${method} ${path}`);
    expect(STANDING.filter((path) => !described.includes(path))).toEqual([]);
  });

  test("declares each parameter of each path, as required", () => {
    for (const { path, operation } of operations()) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = operation.parameters.filter((parameter) => parameter.in === "path");
      expect(declared.map(({ name }) => name)).toEqual(named);
      expect(declared.every(({ required }) => required === true)).toBe(true);
    }
  });

  test("refers to nothing that it does not hold, and to no scheme it does not define", () => {
    const references = [...JSON.stringify(raw).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to);
    const held = (["schemas", "examples"] as const).flatMap((kind) =>
      Object.keys(document.components[kind]).map((name) => `#/components/${kind}/${name}`),
    );
    expect(references.filter((to) => to === undefined || !held.includes(to))).toEqual([]);
    const schemes = operations().flatMap(({ operation }) => operation.security ?? []);
    const defined = Object.keys(document.components.securitySchemes);
    expect(schemes.flatMap((scheme) => Object.keys(scheme))).toContain("bearer");
    expect(schemes.flatMap(Object.keys).filter((name) => !defined.includes(name))).toEqual([]);
  });

  test("says of every operation for signed-in users that it answers 401, and is right", async () => {
    const signedIn = operations().filter(({ operation }) =>
      operation.security?.some((scheme) => "bearer" in scheme),
    );
    expect(signedIn.length).toBeGreaterThanOrEqual(30);
    for (const { path, method, operation } of signedIn) {
      expect(Object.keys(operation.responses)).toContain("401");
      const url = `${inject("demoUrl")}${path.replace(/\{\w+\}/g, "any-id")}`;
      const answer = await fetch(url, { method: method.toUpperCase() });
      // Without an upgrade nobody is asked who they are where a socket opens.
      const status = "101" in operation.responses ? 426 : 401;
      expect(`${method} ${path} ${answer.status}`).toBe(`${method} ${path} ${status}`);
    }
  });
});

describe.each(["/", "/docs", "/threads/any-id"])("The page at %s", (path) => {
  test("runs no script but its own files, and can be framed by nobody", async () => {
    const answer = await fetch(`${inject("demoUrl")}${path}`);
    const policy = directives(answer.headers.get("content-security-policy") ?? "");

    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
    expect(policy.get("default-src")).toBe("'none'");
    expect(policy.get("script-src")).toBe("'self'");
    expect(policy.get("base-uri")).toBe("'none'");
    expect(policy.get("frame-ancestors")).toBe("'none'");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    const html = await answer.text();
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|<style/);
    for (const [, file = ""] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(file, "only files of this origin").toMatch(/^\/(?!\/)/);
      expect((await fetch(`${inject("demoUrl")}${file}`)).status, file).toBe(200);
    }
  });
});

function directives(policy: string): Map<string, string> {
  return new Map(
    policy.split(";").map((directive) => {
      const [name = "", ...values] = directive.trim().split(/\s+/);
      return [name, values.join(" ")];
    }),
  );
}
