/** The log of a request: each of its lines can be found by the id that the client was told. */
import { consoleLog, type Log, logWith } from "../core/log.ts";
import type { RequestContext } from "./router.ts";

/** @returns a log whose every line has the request's id. */
export function requestLog(c: Pick<RequestContext, "var">): Log {
  return logWith(consoleLog, { request_id: c.var.requestId });
}
