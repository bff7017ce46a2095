/** The actions agent by rule: the steps of the plan as the tool ranks them. */
import * as z from "zod";
import { ActionStep } from "../protocol/optimization.ts";
import type { ActionFindings } from "../protocol/team-findings.ts";
import { cut, gapsOf } from "./demo-data.ts";
import { factsNamed } from "./demo-optimization.ts";
import type { PartScene } from "./demo-results.ts";

const MAX_STEPS = 20;
const MAX_STATEMENT = 8_000;

const Steps = z.object({ steps: z.array(ActionStep) });

/** What the actions agent hands on. */
export function actionFindings(scene: PartScene): z.input<typeof ActionFindings> {
  const plan = scene.results.find(
    ({ tool, summary }) => tool === "action_plan" && summary !== null,
  );
  const steps = Steps.safeParse(plan?.content).data?.steps ?? [];
  return {
    statement: cut(
      plan?.summary ?? "No tool ranked any steps, so there is no plan.",
      MAX_STATEMENT,
    ),
    steps: steps.slice(0, MAX_STEPS).map((step) => ({
      title: step.title,
      owner: step.owner,
      change: step.change,
      check: step.check,
      rollback: step.rollback,
      stop_rule: step.stop_rule,
      approval: step.approval,
      facts: plan ? factsNamed(plan, step.facts) : [],
    })),
    gaps: gapsOf(scene),
  };
}
