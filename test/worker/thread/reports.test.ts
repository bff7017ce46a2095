/** The report of a run, and what the next run knows of it: kept, given and told, also where D1 is late. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { Report } from "../../../src/protocol/report.ts";
import { d1UsageStore } from "../../../src/usage/d1-store.ts";
import { loadSampleRecords } from "../../../src/usage/load-sample.ts";
import { ask, problemOf } from "../http/ask.ts";
import { somebody } from "../http/somebody.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
  await loadSampleRecords(d1UsageStore(env.DB), { endsAt: Date.now(), scale: 0.005 });
});

/** A run that looked at the use and at its cost, which is an overview, and answered. */
async function reported(thread: Conversation, question: string, answer = "That is all.") {
  const client = await thread.connect();
  const { run_id } = await client.say(question);
  const first = await model.turn(question);
  first.call("usage_summary", {});
  first.end();
  const second = await model.turn(question, 2);
  second.call("cost_breakdown", { dimensions: ["feature"] });
  second.end();
  (await model.turn(question, 3)).end(answer);
  const { data } = await client.completed(run_id);
  client.close();
  return { run_id, results: data.results, text: data.final_response };
}

function reportOf(thread: Conversation, runId: string, query = "", headers = {}) {
  const { access_token: token } = thread.owner;
  return ask(`/api/runs/${runId}/report${query}`, { token, headers });
}

describe("a report", () => {
  it("is missing where the run made none, and where it is not one's own", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("no figures, please");
    (await model.turn("no figures, please")).end("Fine.");
    await client.completed(run_id);
    const mine = await reported(thread, "an overview of mine");
    const { access_token: token } = await somebody();
    for (const answer of [
      reportOf(thread, run_id),
      reportOf(thread, "missing"),
      ask(`/api/runs/${mine.run_id}/report`, { token }),
    ]) {
      expect(await problemOf(await answer)).toMatchObject({ status: 404, code: "not_found" });
    }
  });

  it("is given as JSON and as Markdown, as it was told", async () => {
    const thread = await beginThread();
    const { run_id, results } = await reported(thread, "an overview");
    expect(results.report).not.toBeNull();
    expect(Report.parse(await (await reportOf(thread, run_id)).json())).toEqual(results.report);
    for (const asked of [
      reportOf(thread, run_id, "?format=markdown"),
      reportOf(thread, run_id, "", { accept: "text/markdown" }),
    ]) {
      const answer = await asked;
      expect(answer.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
      expect(await answer.text()).toMatch(/^# LLM cost and latency report\n/);
    }
    expect((await reportOf(thread, run_id, "?format=pdf")).status).toBe(422);
  });

  it("is in D1 as one row, is exported, and goes with its thread", async () => {
    const thread = await beginThread();
    const { run_id, results } = await reported(thread, "an overview to keep");
    await thread.settled();
    const rows = () =>
      env.DB.prepare("SELECT report FROM run_reports WHERE id = ?").bind(run_id).all();
    const kept = (await rows()).results;
    expect(kept.map(({ report }) => JSON.parse(String(report)))).toEqual([results.report]);
    const { access_token: token } = thread.owner;
    const lines = await (await ask("/api/account/export", { token })).text();
    expect(lines.match(/"kind":"report"/g)).toHaveLength(1);
    await thread.ask("", { method: "DELETE" });
    expect((await rows()).results).toEqual([]);
  });

  it("is there while D1 is away", async () => {
    const thread = await beginThread();
    await env.DB.exec(
      "CREATE TRIGGER late BEFORE INSERT ON run_reports BEGIN SELECT missing FROM run_reports; END",
    );
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { run_id, results } = await reported(thread, "an overview in an outage");
    expect(await (await reportOf(thread, run_id)).json()).toEqual(results.report);
    await env.DB.exec("DROP TRIGGER late");
    await thread.settled();
  });
});

describe("the figures of an answer", () => {
  it("are rendered and cited as they stream, and flagged where no tool computed them", async () => {
    const thread = await beginThread();
    const answer = "It is {{fact:usage_summary.total_cost}}, or $77,777.77 in all.";
    const { text, results } = await reported(thread, "what does it cost", answer);
    const { citations, unverified } = results.grounding;
    const cost = results.findings.find(({ fact_id }) => fact_id === "usage_summary.total_cost");
    const cut = ({ offset, length }: { offset: number; length: number }) =>
      text.slice(offset, offset + length);
    expect(citations.map(cut)).toEqual([
      cost?.value.toLocaleString("en-US", { style: "currency", currency: "USD" }),
    ]);
    expect(unverified.map(cut)).toEqual(["$77,777.77"]);
    expect(text).toContain("$77,777.77 (unverified) in all.");
  });

  it("of one run are known to the next, by ids of their own", async () => {
    const thread = await beginThread();
    const { run_id } = await reported(thread, "first question");
    const client = await thread.connect();
    const next = await client.say("and the same in words?");
    const id = `r${run_id.split(".").at(-1)}.usage_summary.total_cost`;
    const turn = await model.turn("and the same in words?");
    expect(JSON.stringify(turn.request.messages)).toContain(id);
    turn.end(`Still {{fact:${id}}}.`);
    const { data } = await client.completed(next.run_id);
    expect(data.final_response).toMatch(/^Still \$[\d,.]+\d\.$/);
    expect(data.results.grounding).toMatchObject({
      citations: [{ fact_id: id, offset: 6 }],
      unverified: [],
    });
  });
});
