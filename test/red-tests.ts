/** A reporter that keeps what was red, and what was green only at a later try, for the end of a log. */
import { appendFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from "vitest/node";

/** The file that lines are added to: several runs of vitest share it. Unset: nothing is kept. */
const file = process.env.RED_TESTS;

/** Characters of an error that are kept: a log shows the rest where the test ran. */
const ERROR_CHARACTERS = 1_200;

function keep(kind: "RED" | "RETRIED", name: string, errors: readonly SerializedError[]): void {
  if (file === undefined) return;
  const causes = errors.map((error) =>
    `${error.stack ?? error.message}\n${diffOf(error)}`
      .split("\n")
      .filter((line) => !line.includes("node_modules"))
      .map((line) => `    ${line}`)
      .join("\n")
      .slice(0, ERROR_CHARACTERS),
  );
  appendFileSync(file, `${[`${kind} ${name}`, ...causes].join("\n")}\n`);
}

/** @returns what was expected beside what was there; nothing where that was not compared. */
function diffOf({ diff }: SerializedError): string {
  return typeof diff === "string" ? stripVTControlCharacters(diff) : "";
}

function nameOf(test: TestCase | TestSuite): string {
  return `[${test.project.name}] ${test.module.relativeModuleId} > ${test.fullName}`;
}

/** Keeps each failed test, suite and file, each error outside of a test, and each test tried again. */
export default class RedTests implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    if (state === "failed") keep("RED", nameOf(test), errors);
    else if (test.diagnostic()?.flaky) keep("RETRIED", nameOf(test), errors ?? []);
  }

  onTestSuiteResult(suite: TestSuite): void {
    if (suite.errors().length > 0) keep("RED", nameOf(suite), suite.errors());
  }

  onTestModuleEnd(module: TestModule): void {
    const name = `[${module.project.name}] ${module.relativeModuleId}`;
    if (module.errors().length > 0) keep("RED", name, module.errors());
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    if (errors.length > 0) keep("RED", "outside of any test", errors);
  }
}
