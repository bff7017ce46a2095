/** A run at a glance: who works now, what with, and for how long; once it has ended, what it took. */
import { type RunView, workingParts } from "../../protocol/thread-view.ts";
import { ChevronDownIcon } from "../design/icons.tsx";
import { useWords, type Words } from "../words/words.ts";
import { agentName, agentWork } from "./agent-name.ts";
import { Elapsed } from "./elapsed.tsx";
import { useFormats } from "./formats.ts";
import { StateMark } from "./state-mark.tsx";
import { callsIn, partsOf, waitingCalls } from "./team-parts.ts";

export function RunBadge({ run }: { readonly run: RunView }) {
  return run.status === "running" ? <Working run={run} /> : <Ended run={run} />;
}

function Working({ run }: { readonly run: RunView }) {
  const words = useWords();
  const { list } = useFormats();
  const parts = workingParts(run);
  const isAsking = waitingCalls(run).length > 0;
  const who = parts.length > 0 ? parts : [run.agent ?? ""];
  return (
    <span className="run-badge">
      <StateMark state={isAsking ? "waiting" : "working"} />
      <b>{list(who.map((agent) => agentName(words, agent)))}</b>
      <span className="run-what">
        {isAsking ? words.run.call.waiting : activityOf(words, run, who)}
      </span>
      <Elapsed since={run.startedAt} />
      <ChevronDownIcon />
    </span>
  );
}

/** The newest call under way says it best; without one, what the agent is there for. */
function activityOf(words: Words, { timeline }: RunView, who: readonly string[]): string {
  const call = callsIn(timeline).findLast(
    ({ agent, status }) => who.includes(agent) && status === "executing",
  );
  return call?.operation ?? agentWork(words, who[0] ?? "");
}

function Ended({ run }: { readonly run: RunView }) {
  const { run: words } = useWords();
  const { duration } = useFormats();
  const parts = partsOf(run);
  const calls = callsIn(run.timeline).length;
  const facts = [
    ...(parts.length > 1 ? [words.agents(parts.length)] : []),
    ...(calls > 0 ? [words.calls(calls)] : []),
    ...(run.durationMs === null ? [] : [duration(run.durationMs)]),
  ];
  return (
    <span className="run-badge">
      <StateMark state={parts[0]?.state ?? "done"} />
      <span>{words.summary}</span>
      <span className="run-what">{facts.join(" · ")}</span>
      <ChevronDownIcon />
    </span>
  );
}
