/**
 * How good the answers are: a hundred questions to the product, scored by figures alone.
 *
 * `npm run evaluate` starts the product with the sample company, brings in a control and small
 * workspaces with traps, asks each question in a thread of its own, and holds what comes back
 * against plain loops over the records and the truth of the generator. The scores are kept in
 * `bench/evaluation/scores`. With OPENAI_API_KEY it scores that model. Exits with 1 where a target
 * that must be met is missed.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { evaluate } from "./evaluation/evaluate.ts";
import { KINDS } from "./evaluation/question.ts";
import { QUESTIONS } from "./evaluation/questions.ts";
import { missedTargets, printScores, scoresOf } from "./evaluation/scores.ts";
import { sorted } from "./evaluation/sorted.ts";

const { values } = parseArgs({
  options: {
    /** One kind of question, or all. */
    only: { type: "string" },
    /** The first so many of them. */
    limit: { type: "string", default: String(QUESTIONS.length) },
    /** A tenth of the sample company, to be quick; nothing is kept then. */
    small: { type: "boolean", default: false },
  },
});

const only = KINDS.find((kind) => kind === values.only);
if (values.only !== undefined && only === undefined) {
  throw new Error(`--only must be ${KINDS.join(" or ")}, not "${values.only}".`);
}
const questions = QUESTIONS.filter(({ kind }) => only === undefined || kind === only).slice(
  0,
  Number(values.limit),
);
const { scored, truth } = await evaluate(questions, values.small);
const scores = scoresOf(scored, truth);
printScores(scores, scored);
if (questions.length === QUESTIONS.length && !values.small) {
  const directory = join(import.meta.dirname, "evaluation/scores");
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `${scores.model.replaceAll(/[^\w.-]/g, "-")}.json`);
  writeFileSync(file, `${JSON.stringify(sorted(scores), null, 2)}\n`);
  console.log(`\nkept in ${file}`);
}
for (const missed of missedTargets(scores)) {
  console.log(`MISSED: ${missed}`);
  process.exitCode = 1;
}
