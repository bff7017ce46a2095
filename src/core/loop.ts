/**
 * The agent loop: has a run's agent, or the team it delegates to, answer the question, and tells that as events.
 *
 * It is a generator and stores nothing. Its caller commits each checkpoint it yields before asking for the next
 * output. If the process dies, another one can carry on from the committed checkpoints alone.
 */
import type { FinalStatus } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import type { Problem } from "../protocol/problem.ts";
import { problemOf } from "../protocol/problem-of.ts";
import { RunWaits } from "./approval.ts";
import { type EndStep, toolStepsOf, usageOf } from "./checkpoint.ts";
import { Narration } from "./narration.ts";
import type { RunOrder, RunProgress } from "./run-order.ts";
import {
  type LoopOutput,
  type LoopPorts,
  RunCancelled,
  RunWork,
  type Telling,
} from "./run-work.ts";
import { ownOrder } from "./team/agent-order.ts";
import { AgentWork, type LastTurn } from "./team/agent-work.ts";
import { delegationIn } from "./team/team-graph.ts";
import { TeamNarration } from "./team/team-narration.ts";
import { Delegation } from "./team/team-step.ts";
import { TeamWork } from "./team/team-work.ts";

/**
 * Carries a run to its end. Failures, cancellation and deadlines do not throw: they end in `agent_completed` too.
 * @param signal aborted with {@link RunCancelled} it cancels the run, with an {@link ApexError} it fails the run.
 *   Any other reason means that this process has to let go of the run, and another will carry on.
 * @throws the signal's reason in that last case.
 */
export async function* runLoop(
  order: RunOrder,
  progress: RunProgress,
  ports: LoopPorts,
  signal: AbortSignal,
): AsyncGenerator<LoopOutput, void, void> {
  const run = new RunWork(order, progress.steps, ports, signal);
  const { steps } = run;
  const startedAt = progress.startedAt ?? ports.clock.now();
  const own = ownOrder(order);
  const narration = new Narration(order);
  const team =
    order.team && new TeamWork(run, order.team, new TeamNarration(order.team, narration));
  const { resumed } = progress;
  const isOver = () => steps.at(-1)?.kind === "end";

  if (progress.startedAt === null) {
    yield run.commit([], () => narration.opening());
  } else if (resumed && !isOver()) {
    const speaker = delegationIn(steps) === undefined ? own : (team?.speaker ?? own);
    yield run.delta(new AgentWork(run, speaker).takeUp(progress.draft));
    yield run.commit([], () => [narration.resumption()]);
  }

  try {
    if (!isOver()) for await (const telling of work()) yield telling();
  } catch (error) {
    run.assertHeld();
    if (error instanceof RunWaits) return yield { type: "waits", until: error.until };
    const reason: unknown = signal.aborted ? signal.reason : error;
    if (reason instanceof RunCancelled) {
      yield end("cancelled", null);
    } else {
      if (!(reason instanceof ApexError)) ports.log.error("run.failed", reason);
      yield end("failed", problemOf(ApexError.from(reason)));
    }
  }

  const last = steps.at(-1);
  if (last?.kind !== "end") throw new Error("A run came to its end without an outcome.");
  const persisted = await ports.saveHistory();
  const usage = usageOf(steps, order.model, ports.model.cost);
  const outcome = { end: last, steps, usage, startedAt, persisted };
  yield run.commit([], () => [narration.completed(outcome)]);

  async function* work(): AsyncGenerator<Telling, void, void> {
    if (delegationIn(steps) === undefined) {
      const done = yield* new AgentWork(run, own).run(signal, { resumed });
      if (done.kind === "answered") {
        yield () => end("completed", null, done.last);
        return;
      }
      const delegation = Delegation.parse(done.output);
      yield () =>
        run.commit([{ kind: "delegation", delegation }], () => [narration.delegated(delegation)]);
    }
    if (team === null) throw new Error("A run was delegated to a team that is not there.");
    const last = yield* team.run({ resumed });
    yield () => end("completed", null, last);
  }

  /** @param last the turn that brought the end, which is committed together with it. */
  function end(
    status: FinalStatus,
    problem: Problem | null,
    last: LastTurn | null = null,
  ): LoopOutput {
    const before = last?.steps() ?? [];
    const { text, usage, grounded } = run;
    const at = ports.clock.now();
    const step: EndStep = { kind: "end", status, text, usage, ...grounded, problem, at };
    return run.commit([...before, step], () => {
      const told = status === "completed" && toolStepsOf(steps).length > 0;
      return [
        ...(last?.events() ?? []),
        ...(told ? [] : [narration.ending(status, problem, steps)]),
      ];
    });
  }
}
