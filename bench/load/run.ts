/** Runs one profile on a product that is up, and notes what it used meanwhile. */
import { burst } from "./burst.ts";
import type { Done, Outcome } from "./outcome.ts";
import { describe, type Profile } from "./profiles.ts";
import { requests } from "./requests.ts";
import type { Stage } from "./stage.ts";
import { talk } from "./talk.ts";

/** @returns what came of it; who signs in before and is verified after it counts for nothing in its times. */
export async function run(stage: Stage, name: string, profile: Profile): Promise<Outcome> {
  let [begunAt, endedAt] = [0, 0];
  async function during(load: () => Promise<void>): Promise<void> {
    stage.meter.sample();
    begunAt = performance.now();
    await load();
    stage.meter.sample();
    endedAt = performance.now();
  }
  const done = await doneOf(stage, profile, during);
  const uses = stage.meter.uses.filter(({ at }) => at > begunAt && at <= endedAt);
  return { name, described: describe(profile), begunAt, endedAt, uses, ...done };
}

function doneOf(
  stage: Stage,
  profile: Profile,
  during: (load: () => Promise<void>) => Promise<void>,
): Promise<Done> {
  switch (profile.kind) {
    case "talk":
      return talk(stage, profile, during);
    case "burst":
      return burst(stage, profile, during);
    case "requests":
      return requests(stage, profile, during);
  }
}
