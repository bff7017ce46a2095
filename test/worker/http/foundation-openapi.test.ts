/** The OpenAPI document: what it promises of every operation. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ask } from "./ask.ts";

const Operation = z.object({
  summary: z.string(),
  tags: z.array(z.string()).min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  requestBody: z.unknown().optional(),
  responses: z.record(
    z.string(),
    z.object({ description: z.string(), content: z.unknown().optional() }),
  ),
});

const Document = z.object({
  openapi: z.string(),
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  components: z.object({
    schemas: z.record(z.string(), z.unknown()),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});

async function readDocument() {
  return Document.parse(await (await ask("/openapi.json")).json());
}

describe("the OpenAPI document", () => {
  it("is OpenAPI 3.1, and is served to anybody", async () => {
    const { openapi, info, components } = await readDocument();

    expect(openapi).toBe("3.1.0");
    expect(info.description).toContain("WebSocket");
    expect(components.securitySchemes).toMatchObject({
      bearer: { type: "http", scheme: "bearer" },
      cookie: { type: "apiKey", in: "cookie", name: "__Host-apex-access" },
      csrf: { type: "apiKey", in: "header", name: "X-CSRF-Token" },
    });
  });

  it("describes every operation by a summary, a tag, and the one Problem for its failures", async () => {
    const { paths, components } = await readDocument();
    const failures = Object.values(paths)
      .flatMap((operations) => Object.values(operations))
      .flatMap(({ responses }) => Object.entries(responses))
      .filter(([status, { content }]) => status >= "400" && status !== "503" && content);

    expect(components.schemas).toHaveProperty("Problem");
    expect(failures.length).toBeGreaterThan(10);
    for (const [, { content }] of failures) {
      expect(content).toMatchObject({
        "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
      });
    }
  });

  it("says how to be signed in where the route asks for it", async () => {
    const { paths } = await readDocument();

    expect(paths["/api/auth/me"]?.get?.security).toEqual([{ bearer: [] }, { cookie: [] }]);
    expect(paths["/api/auth/login"]?.post?.security).toEqual([]);
  });

  it("names the fields that a body must have, from the schema that parses it", async () => {
    const { paths } = await readDocument();

    expect(paths["/api/auth/register"]?.post?.requestBody).toMatchObject({
      required: true,
      content: {
        "application/json": {
          schema: {
            required: ["email", "password"],
            properties: { password: { type: "string", minLength: 10, maxLength: 256 } },
          },
        },
      },
    });
  });
});
