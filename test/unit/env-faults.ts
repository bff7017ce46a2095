/** What the tests of the configuration begin with: settings that are valid, and what is wrong with those that are not. */
import { readConfig } from "../../src/env.ts";
import { ApexError } from "../../src/protocol/errors.ts";

export const valid = { ENVIRONMENT: "development", JWT_SECRET: "x".repeat(32) };

/** @returns the settings at fault, and what is wrong with them. */
export function faultsOf(env: object): Record<string, string> {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ApexError && error.code === "misconfigured") {
      return Object.fromEntries(error.errors.map(({ field, message }) => [field, message]));
    }
    throw error;
  }
  return {};
}
