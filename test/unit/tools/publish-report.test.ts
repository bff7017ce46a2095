/** The publishing tool: which report goes where, once, and what is said where it can't. */
import { describe, expect, test } from "vitest";
import { CallId, WebhookId } from "../../../src/protocol/ids.ts";
import type { Report } from "../../../src/protocol/report.ts";
import type { Webhook, WebhookDelivery } from "../../../src/protocol/webhooks.ts";
import { type Publisher, publishReport } from "../../../src/tools/publish-report.ts";
import { FakeClock } from "../core/fake-clock.ts";
import { toolContext } from "./context.ts";

const REPORT: Report = {
  title: "Savings of January",
  created_at: "2026-01-01T00:00:00.000Z",
  window: null,
  summary: "Not assessable.",
  current: [],
  projected: [],
  performance: [],
  recommendations: [],
  action_plan: [],
  risks: [],
  kpis: [],
  agents: [],
  assumptions: [],
  price_versions: [],
  charts: [],
};

const hook = (name: string): Webhook => ({
  id: WebhookId.parse(name),
  url: `https://${name}.example.com/`,
  events: ["report.published"],
  created_at: "2026-01-01T00:00:00.000Z",
});

type Sent = Parameters<Publisher["deliver"]>[1];

interface World {
  readonly report?: Report | null;
  readonly webhooks?: readonly Webhook[];
  readonly status?: WebhookDelivery["status"];
}

function toolWith({ report = REPORT, webhooks = [hook("one")], status = "delivered" }: World = {}) {
  const sent: Sent[] = [];
  const tool = publishReport({
    reports: { latest: async () => report },
    publisher: {
      webhooks: async () => webhooks,
      async deliver(_, { payload, ...delivery }) {
        sent.push({ payload, ...delivery });
        const updated_at = delivery.created_at;
        return { ...delivery, status, attempts: 1, last_status: 204, last_error: null, updated_at };
      },
    },
    clock: new FakeClock(),
  });
  return { tool, sent };
}

test("a person is asked first, and it is not run again after a death", () => {
  const { tool } = toolWith();
  expect(tool).toMatchObject({ readOnly: false, approval: { expiresMs: 86_400_000 } });
  expect(tool.describeCall({ url: "https://one.example.com/" })).toContain("one.example.com");
});

describe("the newest report", () => {
  test("is sent whole, with the thread and the run it is published from", async () => {
    const { tool, sent } = toolWith();
    const { output } = await tool.execute({}, toolContext());
    expect(output).toMatchObject({
      url: "https://one.example.com/",
      title: REPORT.title,
      status: "delivered",
      summary: "The report was delivered to https://one.example.com/.",
    });
    expect(JSON.parse(sent[0]?.payload ?? "")).toEqual({
      type: "report.published",
      timestamp: "2026-01-01T00:00:00.000Z",
      data: { thread_id: "thread-1", run_id: "thread-1.1", report: REPORT },
    });
  });

  test("has one id for each call and webhook, however often it is sent", async () => {
    const { tool, sent } = toolWith();
    await tool.execute({}, toolContext());
    await tool.execute({}, toolContext());
    await tool.execute({}, { ...toolContext(), callId: CallId.parse("call-2") });
    const [first, again, other] = sent.map(({ id }) => id);
    expect(first).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test.each([
    ["pending", "tried again by itself"],
    ["dead", "could not be delivered"],
  ] as const)("that is %s is said to be so", async (status, words) => {
    const { tool } = toolWith({ status });
    const { output } = await tool.execute({}, toolContext());
    expect(output).toMatchObject({ status, summary: expect.stringContaining(words) });
  });
});

describe("nothing is sent", () => {
  test("where there is no report", async () => {
    const { tool, sent } = toolWith({ report: null });
    await expect(tool.execute({}, toolContext())).rejects.toMatchObject({ code: "tool_failed" });
    expect(sent).toEqual([]);
  });

  test.each([
    ["there is no webhook", [], {}],
    ["there are several and none is named", [hook("one"), hook("two")], {}],
    ["the one named is none of the workspace's", [hook("one")], { url: "https://evil.example/" }],
  ])("where %s", async (_, webhooks, args) => {
    const { tool, sent } = toolWith({ webhooks });
    await expect(tool.execute(args, toolContext())).rejects.toMatchObject({
      code: "invalid_fields",
    });
    expect(sent).toEqual([]);
  });

  test("where the report is larger than one sends at once", async () => {
    const { tool, sent } = toolWith({ report: { ...REPORT, summary: "a".repeat(600_000) } });
    await expect(tool.execute({}, toolContext())).rejects.toMatchObject({ code: "too_large" });
    expect(sent).toEqual([]);
  });
});

test("of several webhooks the one that is named is sent to", async () => {
  const { tool, sent } = toolWith({ webhooks: [hook("one"), hook("two")] });
  await tool.execute({ url: "https://two.example.com" }, toolContext());
  expect(sent.map(({ webhook_id }) => webhook_id)).toEqual(["two"]);
});
