/** The way of usage into real D1, held to what every intake is held to. */
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { z } from "zod";
import { ClickhouseIntake } from "../../../src/usage/clickhouse/intake.ts";
import { D1Intake } from "../../../src/usage/d1-intake.ts";
import { importing } from "../../unit/usage/importing.ts";
import { holdIntakeToContract } from "../../unit/usage/intake-contract.ts";
import { series } from "../../unit/usage/stored-records.ts";
import { standing } from "../../unit/usage/workspaces.ts";

const Rows = z.array(z.object({ record_id: z.string(), import_id: z.string().nullable() }));

vi.setConfig({ testTimeout: 60_000 });

async function stored(workspaceId: string) {
  const sql = "SELECT record_id, import_id FROM usage_records WHERE workspace_id = ?";
  return Rows.parse((await env.DB.prepare(sql).bind(workspaceId).all()).results);
}

holdIntakeToContract({
  database: () => env.DB,
  open: (workspaceId, database) => new D1Intake(database, workspaceId),
  stored,
});

it("an import that is in the other store is no import here, and its id is taken", async () => {
  await standing(env.DB, "moved");
  await importing(new D1Intake(env.DB, "moved"), "moved", series("moved", 3));
  const server = { url: "http://127.0.0.1:9", username: "u", password: "", database: "d" };
  const elsewhere = new ClickhouseIntake({ server, db: env.DB }, "moved");
  const { imports } = elsewhere;
  expect(await imports.find("mine")).toBeNull();
  await expect(imports.open("mine", "apex", 0)).rejects.toMatchObject({ code: "import_conflict" });
  expect(await elsewhere.takeBack("mine", 0)).toBe(false);
  expect(await stored("moved")).toHaveLength(3);
});
