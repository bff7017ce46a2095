/** `npm run examples:record`: keeps what the contract test was answered, as the document's examples. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Reporter, TestCase } from "vitest/node";
import { type RecordedAnswer, scrubbed } from "./recorded-answer.ts";

const FILE = resolve(import.meta.dirname, "../../../src/http/answer-examples.json");

/** A reporter for a run of the contract test alone. */
export default class AnswerRecorder implements Reporter {
  readonly #answers = new Map<string, RecordedAnswer>();

  onTestCaseResult(test: TestCase): void {
    const { answer } = test.meta();
    if (answer !== undefined) this.#answers.set(answer.operation, answer);
  }

  onTestRunEnd(): void {
    const names = [...this.#answers.keys()].toSorted();
    const examples = scrubbed(names.flatMap((name) => this.#answers.get(name) ?? []));
    writeFileSync(FILE, `${JSON.stringify(examples, null, 2)}\n`);
    process.stdout.write(`${names.length} answers are kept in ${FILE}\n`);
  }
}
