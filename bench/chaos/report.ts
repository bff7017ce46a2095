/** What a storm is told as: tables for the terminal, and a page with plots. */
import { distribution, type PlotOf, type Point, plotSvg } from "../plots.ts";
import { alignColumns, farEndOf, median, percentile } from "../report.ts";
import { circumstances, reportPage, type Section } from "../report-page.ts";
import { timesOfCatchUps } from "./catch-up.ts";
import { LONG_MS, type NetworkFault } from "./network-faults.ts";
import { recoveriesOf } from "./recovery.ts";
import type { Aftermath } from "./storm.ts";
import { judgeAll } from "./verdict.ts";

const SECOND_MS = 1_000;
/** Events are counted in stretches of so long, in milliseconds. */
const STRETCH_MS = 5_000;
/** Violations that are told in words; the rest are counted. */
const SHOWN = 10;

type Table = readonly (readonly string[])[];

/** A storm, judged. */
export interface Report {
  readonly tables: readonly { readonly title: string; readonly table: Table }[];
  readonly plots: readonly PlotOf[];
  /** What was wrong, in words, as far as it is told. */
  readonly complaints: readonly string[];
  /** Whether every promise was kept, and there were any. */
  readonly isKept: boolean;
}

/** @returns what a storm came to: what struck, what was said through it, how long each took, and what was not kept. */
export function reportOf(aftermath: Aftermath): Report {
  const { evidence, neverThere } = aftermath;
  const kinds = Object.entries(judgeAll(evidence, neverThere));
  const accepted = evidence.reduce((sum, each) => sum + each.accepted.length, 0);
  const wrong = kinds.flatMap(([kind, found]: [string, readonly string[]]) =>
    found.slice(0, SHOWN).map((each) => `${kind}: ${each}`),
  );
  const nothing = [...(accepted > 0 ? [] : ["message that was accepted"]), ...calmOf(aftermath)];
  const complaints = [
    ...nothing.map((what) => `There was no ${what}: that nothing is wrong says nothing of it.`),
    ...wrong,
  ];
  return {
    tables: [
      { title: "Faults", table: faultsOf(aftermath) },
      { title: "Talk", table: talkOf(aftermath) },
      { title: "How long", table: [SPREAD, ...timesOf(aftermath).map(spreadOf)] },
      {
        title: "Promises that were not kept",
        table: [["kind", "found"], ...kinds.map(([kind, found]) => [kind, `${found.length}`])],
      },
    ],
    plots: plotsOf(aftermath),
    complaints,
    isKept: complaints.length === 0,
  };
}

/** @returns what never struck: where it did not, nothing was shown to stand it. */
function calmOf({ outages, userNetwork, modelFaults, stateFaults }: Aftermath): string[] {
  const { queries, cache, calls, lives } = stateFaults;
  const struck = {
    "kill of the product": outages.length,
    "fault of the users' network": userNetwork.length,
    "fault of the model": modelFaults,
    "fault of the state": queries + cache + calls + lives,
  };
  return Object.entries(struck).flatMap(([what, times]) => (times === 0 ? [what] : []));
}

/** @returns the whole report in words. */
export function asText({ tables, complaints }: Report): string {
  const parts = tables.map(({ title, table }) => `${title}\n${alignColumns(table)}`);
  return [...parts, ...complaints].join("\n\n");
}

/** @returns the page. @param described what storm it was. */
export function asPage(described: string, report: Report): Promise<string> {
  const { tables, plots, complaints, isKept } = report;
  const sections = tables.map(
    ({ title, table }): Section => ({
      title,
      table: table.map((row) => row.map((text) => ({ text }))),
    }),
  );
  return reportPage(`Apex Edge in a storm: ${described}`, circumstances(), [
    { title: isKept ? "Every promise was kept" : "Not kept", text: complaints.join(" · ") },
    ...sections,
    { title: "Plots", plots: plots.map(plotSvg) },
  ]);
}

function faultsOf(aftermath: Aftermath): Table {
  const { outages, failedStarts, modelFaults, stateFaults } = aftermath;
  const { queries, cache, calls, lives } = stateFaults;
  return [
    ["what struck", "times"],
    ["kills of the product", `${outages.length}`],
    ["starts of the server that failed", `${failedStarts}`],
    ["answers of the model that failed, broke off or came late", `${modelFaults}`],
    ["queries to D1", `${queries}`],
    ["requests to KV", `${cache}`],
    ["calls from object to object", `${calls}`],
    ["lives of objects", `${lives}`],
    ...networkOf("users and product", aftermath.userNetwork),
    ...networkOf("product and model", aftermath.modelNetwork),
  ];
}

function networkOf(between: string, faults: readonly NetworkFault[]): Table {
  const count = (kind: NetworkFault["kind"]) =>
    faults.filter((fault) => fault.kind === kind).length;
  const long = faults.filter((fault) => fault.kind !== "cut" && fault.lastsMs >= LONG_MS).length;
  return [
    [`connections between ${between} cut`, `${count("cut")}`],
    ["… half-open", `${count("silence")}`],
    ["… stalled", `${count("stall")}`],
    ["… of these longer than a heartbeat", `${long}`],
  ];
}

function talkOf({ conversations, evidence }: Aftermath): Table {
  const refused = conversations.flatMap((conversation) =>
    conversation.refused.map(({ error }) => String(error)),
  );
  const events = evidence.flatMap(({ log }) => log);
  const runs = events.filter(({ type }) => type === "message_accepted");
  const tabs = conversations.flatMap((conversation) => conversation.tabs);
  const promises = evidence.flatMap(({ accepted }) => accepted);
  return [
    ["what", "how many"],
    ["threads", `${conversations.length}`],
    ["… compared with their log, history, D1 and ledger", `${evidence.length}`],
    ["tabs", `${tabs.length}`],
    ["messages that were accepted", `${promises.length}`],
    ["messages that were refused", `${refused.length}`],
    ...[...new Set(refused)].map((reason) => [`… ${reason}`, ""]),
    ["runs", `${runs.length}`],
    ["events", `${events.length}`],
  ];
}

interface Times {
  readonly name: string;
  /** In milliseconds. */
  readonly values: readonly number[];
}

function timesOf({ conversations, evidence, outages }: Aftermath): Times[] {
  const recoveries = recoveriesOf(
    evidence.map(({ log }) => log),
    outages,
  );
  const caughtUp = timesOfCatchUps(
    conversations.flatMap(({ tabs }) => tabs.flatMap((tab) => tab.catchUps)),
    outages,
  );
  const restarts = outages.map(({ killedAt, readyAt }) => readyAt - killedAt);
  return [
    { name: "kill → /health answers: the server's own restart", values: restarts },
    { name: "/health answers → next event of a live run", values: recoveries.afterReady },
    { name: "first event of any run → that of each live run", values: recoveries.afterFirst },
    { name: "kill → next event of a live run", values: recoveries.afterKill },
    { name: "loss noticed → caught up, product up", values: caughtUp.up },
    { name: "loss noticed → caught up, product down between", values: caughtUp.down },
    { name: "… without the time that it was down", values: caughtUp.downLessOutages },
  ];
}

const SPREAD = ["time", "median, ms", "p99, ms", "of"];

function spreadOf({ name, values }: Times): string[] {
  if (values.length === 0) return [name, "–", "–", "0"];
  const far = percentile(values, 0.99)?.toFixed(0) ?? "";
  const end = farEndOf(values) === "p99" ? far : `highest ${far}`;
  return [name, median(values).toFixed(0), end, `${values.length}`];
}

function plotsOf(aftermath: Aftermath): PlotOf[] {
  const taken = timesOf(aftermath).filter(({ values }) => values.length > 0);
  const overTime = eventsOverTime(aftermath);
  const spread: PlotOf = {
    title: "Share that took no longer",
    x: "seconds",
    y: "share",
    drawn: "line",
    series: taken.map(({ name, values }) => ({
      name,
      points: distribution(values.map((value) => value / SECOND_MS)),
    })),
  };
  return [...(taken.length > 0 ? [spread] : []), ...(overTime === null ? [] : [overTime])];
}

/** @returns how many events were logged in each stretch, and the kills between them; null where there are none. */
function eventsOverTime({ evidence, outages }: Aftermath): PlotOf | null {
  const times = evidence.flatMap(({ log }) =>
    log.map(({ context }) => Date.parse(context.timestamp)),
  );
  if (times.length === 0) return null;
  const first = times.reduce((least, time) => Math.min(least, time));
  const byStretch = Map.groupBy(times, (time) => Math.floor((time - first) / STRETCH_MS));
  const stretches = Math.max(...byStretch.keys()) + 1;
  const points = Array.from({ length: stretches }, (_, stretch): Point => {
    return [(stretch * STRETCH_MS) / SECOND_MS, byStretch.get(stretch)?.length ?? 0];
  });
  return {
    title: `Events logged in ${STRETCH_MS / SECOND_MS} s, and kills`,
    x: "seconds since the first event",
    y: "events",
    drawn: "line",
    series: [{ name: "events", points }],
    moments: outages.map(({ killedAt }) => (killedAt - first) / SECOND_MS),
  };
}
