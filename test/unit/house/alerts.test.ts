/** The alerts that operators are given ask for figures there are, and lead to a line of the runbooks. */
import { expect, test } from "vitest";
import { METRICS } from "../../../src/core/metrics.ts";
import { blockOf, textOf } from "../../documents/blocks.ts";

/** Read at the scrape, or by Prometheus itself. */
const READ: Readonly<Record<string, readonly string[]>> = {
  apex_breaker_open: ["part"],
  apex_metrics_reporters: [],
  up: ["job"],
};
const LABELS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.entries(METRICS).map(([name, { labels }]) => [name, labels])),
  ...READ,
};

const ALERT =
  /- alert: (\w+)\n\s+expr: (.+)\n(?:\s+for: \w+\n)?\s+annotations: .*runbook: ([\w.]+) }/g;
const alerts = [...blockOf("docs/operate.md", "yaml", "groups:").matchAll(ALERT)].map(
  ([, name = "", expression = "", runbook = ""]) => ({ name, expression, runbook }),
);
const firstCells = textOf("docs/runbooks.md").match(/^\| [^|]+ \|/gm) ?? [];

test("there are alerts, and each is read", () => {
  const written = blockOf("docs/operate.md", "yaml", "groups:").match(/- alert:/g) ?? [];
  expect(alerts.length).toBeGreaterThan(10);
  expect(alerts).toHaveLength(written.length);
});

test.each(alerts)("$name asks for figures that there are, by their labels", ({ expression }) => {
  const asked = [...expression.matchAll(/\b(apex_\w+|up)(?:\{([^}]*)\})?/g)];
  expect(asked).not.toHaveLength(0);
  for (const [, name = "", matchers = ""] of asked) {
    const labels = LABELS[name.replace(/_(bucket|sum|count)$/, "")];
    expect(labels, name).toBeDefined();
    for (const [, label] of matchers.matchAll(/(\w+)=~?"/g)) expect(labels).toContain(label);
  }
});

test.each(alerts)("$name has a line of the runbooks", ({ runbook }) => {
  expect(firstCells.filter((cell) => cell.match(/[\w.]+/g)?.includes(runbook))).toHaveLength(1);
});
