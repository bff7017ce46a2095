/** The operator's page: how the platform is, and what to look up of its users. */
import { counted } from "../../../protocol/plural.ts";
import type { CountName, DurationName, GaugeName } from "../../operator/figure-rules.ts";
import type { ReplayOutcome } from "../../operator/replay-outcome.ts";

type Named = readonly [name: string, meaning: string];

/** A newer server may have a part that is not among them. */
const parts: Readonly<Record<string, Named>> = {
  worker: ["Worker", "Answers requests"],
  database: ["D1", "Accounts, threads, history"],
  objects: ["Durable Objects", "Threads, accounts, breakers"],
  model: ["Model", "Writes the answers"],
  analytics: ["Usage records", "What answers stand on"],
  history: ["History", "What threads write into D1"],
};

const figures: Readonly<Record<CountName | GaugeName | DurationName, Named>> = {
  answered: ["Answered", "Requests that were answered well (2xx)"],
  redirected: ["Redirected", "Answered from elsewhere, or unchanged (3xx)"],
  refused: ["Refused", "Requests at fault themselves: not signed in, not found, not valid (4xx)"],
  failed: ["Failed", "Requests that the platform failed (5xx)"],
  limited: ["Over a limit", "Requests refused as too many; among the refused"],
  runsStarted: ["Started", "Runs that began; those not ended are running, or wait for approval"],
  runsCompleted: ["Completed", "Runs that ended with an answer"],
  runsCancelled: ["Cancelled", "Runs that somebody stopped"],
  runsFailed: ["Failed", "Runs that ended without an answer"],
  runsResumed: ["Taken up again", "Runs whose process was lost; deployments are a reason too"],
  modelFailed: [
    "Model calls failed",
    "Turns that the model refused or broke off; most are tried again",
  ],
  rowsSaved: ["Rows saved", "Rows of the history that D1 took"],
  postponed: ["Postponed", "Tries to save the history that have to be repeated"],
  rowsRefused: ["Rows refused", "Rows that D1 refused for good: dead letters"],
  d1Requests: ["D1 failures in requests", "Requests that D1 failed, or left without an answer"],
  d1History: ["D1 failures in the history", "Saves that D1 failed, or left without an answer"],
  spansExported: ["Spans exported", "Spans that the collector took"],
  spansDropped: ["Spans dropped", "Spans that no collector will ever have"],
  sockets: ["Sockets open", "Connections to threads"],
  reporters: ["Instances", "Those that reported within the last minute"],
  modelBreaker: ["Model breaker", "1 while some instance leaves the model alone"],
  analyticsBreaker: ["Usage breaker", "1 while some instance leaves the usage records alone"],
  historyBreaker: ["History breaker", "1 while D1 takes none of the history"],
  request: ["Request", "To the headers of its answer"],
  queue: ["Run waits", "From the message to the run's begin"],
  run: ["Run", "From its begin to its end"],
  firstChunk: ["First chunk", "From the request to the first of the model's answer"],
  tool: ["Tool call", "From its begin to its end"],
  outboxLag: ["Outbox lag", "How long rows had waited when the history had them"],
};

export const operator = {
  title: "Operations",
  hint: "How the platform is, part by part. Looked at anew every ten seconds while this page is in front.",
  refresh: "Look again",
  stale: "This could not be read just now; it is shown as it was.",
  refused: {
    title: "This page is for operators",
    text: "It shows how the platform is, and what happened to accounts. Your account doesn't have the permission for it; whoever runs this platform can grant it.",
    again: "I have it now",
    still: "Your account still doesn't have the permission.",
    home: "Back to your threads",
  },
  health: {
    title: "Health",
    whole: { healthy: "Every part is healthy.", degraded: "Some parts are degraded." },
    state: { healthy: "Healthy", degraded: "Degraded" },
    parts,
    demo: "The offline demo model answers.",
  },
  breakers: {
    title: "Circuit breakers",
    hint: "A part that fails several times in a row is left alone, and tried again by one call at a time. Each instance of the server has its own breaker.",
    list: "Circuit breakers",
    state: { closed: "Closed", half_open: "Trying again", open: "Open" },
    never: "Never opened",
    since: (when: string) => `since ${when}`,
    failures: (count: number) => `${counted(count, "failure")} in a row`,
    probe: (when: string) => `tried again ${when}`,
    instances: (count: number) => counted(count, "instance"),
    instancesOf: (part: string) => `Instances that reported on ${part}`,
    none: "No instance has reported on it.",
    instance: (at: number) => `Instance ${at}`,
    reported: (when: string) => `reported ${when}`,
  },
  figures: {
    title: "Figures",
    hint: (when: string) =>
      `Counted over all instances since the platform was first deployed, and since you looked first, at ${when}.`,
    group: { requests: "Requests", runs: "Runs", history: "History", traces: "Traces" },
    now: "Just now",
    durations: "How long things take",
    durationsHint:
      "Over everything counted. From buckets, so each is an estimate, with the bounds that the true value lies between.",
    figure: "Figure",
    total: "Total",
    since: "Since then",
    sign: "Sign",
    count: "Count",
    value: "Value",
    signs: { fine: "Fine", earlier: "Earlier", rising: "Rising", now: "Now" },
    nothing: "none yet",
    about: (figure: string) => `about ${figure}`,
    between: (above: string, upTo: string) => `${above} to ${upTo}`,
    more: (above: string) => `more than ${above}`,
    names: figures,
  },
  runbook: {
    link: "Runbook",
    linkOf: (name: string) => `Runbook: ${name}`,
    title: "Runbooks",
    back: "Back to operations",
    table: "Events, what they mean, and what to do",
  },
  audit: {
    title: "Audit log of a user",
    hint: "What happened to an account, the newest first. That you read it goes into its log, and into yours.",
    user: "User id",
    userHint: "Every line of the log names it as user_id.",
    look: "Look up",
    of: (user: string) => `Audit log of ${user}`,
    none: "Nothing is known of this user.",
    at: "When",
    action: "What",
    by: "By",
    from: "From",
    subject: "To",
  },
  letters: {
    title: "Dead letters of a thread",
    hint: "Rows that D1 refused for good. Mend the cause first, then send them again. Both go into the audit logs.",
    thread: "Thread id",
    of: (thread: string) => `Dead letters of ${thread}`,
    total: (count: number, shown: number) => {
      if (count === 0) return "D1 refused nothing of this thread.";
      const told = `${counted(count, "dead letter")}.`;
      return count > shown ? `${told} The oldest ${shown} are shown.` : told;
    },
    kind: "Kind",
    subject: "Of",
    version: "Event",
    size: "Characters",
    reason: "Reason",
    refusedAt: "Refused",
    replay: "Send again",
    outcome: ({ arrived, refused, waiting }: ReplayOutcome) =>
      [
        arrived > 0 && `${counted(arrived, "row has arrived", "rows have arrived")}.`,
        refused > 0 && `${counted(refused, "row was", "rows were")} refused again.`,
        waiting > 0 && `${counted(waiting, "row is", "rows are")} on the way.`,
      ]
        .filter(Boolean)
        .join(" "),
  },
};
