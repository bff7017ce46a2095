/** The revisions of MCP that are spoken: another release of the library is looked at before it is taken. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "../../../..");

it("speaks the last revision with sessions in the release that is pinned", () => {
  const file = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const { dependencies } = z.object({ dependencies: z.record(z.string(), z.string()) }).parse(file);

  expect(dependencies["@modelcontextprotocol/server"]).toBe("2.4.0");
  expect(LATEST_PROTOCOL_VERSION).toBe("2025-11-25");
  expect(SUPPORTED_PROTOCOL_VERSIONS).toContain("2025-11-25");
});
