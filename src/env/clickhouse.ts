/** The settings that name a ClickHouse server: all of them stand with its address, or none. */
import * as z from "zod";
import { SecretUrl } from "./secret-url.ts";

export const ClickhouseSettings = {
  CLICKHOUSE_URL: SecretUrl.optional(),
  CLICKHOUSE_USER: z.string().max(128).optional(),
  CLICKHOUSE_PASSWORD: z.string().max(256).optional(),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, "must be a plain name")
    .optional(),
};

/** What the settings come to, each read by itself. */
interface Given {
  readonly CLICKHOUSE_URL?: string | undefined;
  readonly CLICKHOUSE_USER?: string | undefined;
  readonly CLICKHOUSE_PASSWORD?: string | undefined;
  readonly CLICKHOUSE_DATABASE?: string | undefined;
}

/** @returns whether there is an address wherever something is said about it. */
export function hasItsAddress(given: Given): boolean {
  if (given.CLICKHOUSE_URL !== undefined) return true;
  const { CLICKHOUSE_USER, CLICKHOUSE_PASSWORD, CLICKHOUSE_DATABASE } = given;
  return [CLICKHOUSE_USER, CLICKHOUSE_PASSWORD, CLICKHOUSE_DATABASE].every(
    (setting) => setting === undefined,
  );
}

/** @returns how the server is reached; null where none is set. */
export function clickhouseOf(given: Given) {
  if (given.CLICKHOUSE_URL === undefined) return null;
  return {
    url: given.CLICKHOUSE_URL,
    username: given.CLICKHOUSE_USER ?? "default",
    password: given.CLICKHOUSE_PASSWORD ?? "",
    database: given.CLICKHOUSE_DATABASE ?? "default",
  };
}
