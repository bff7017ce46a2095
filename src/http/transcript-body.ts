/** Request bodies of protocols whose clients send the whole conversation with each message. */
import type { requires } from "./define-route.ts";
import { jsonBodyOr } from "./large-body.ts";

/** The most bytes of such a body. */
const MAX_TRANSCRIPT_BYTES = 4 * 1024 * 1024;

/** The routes that take such bodies. They apply the limit themselves, after authentication. */
export const TRANSCRIPT_PATHS = [
  "/ag-ui",
  "/ag-ui/agent/:id/run",
  "/ag-ui/agent/:id/connect",
  "/v1/chat/completions",
  "/v1/responses",
  "/api/ai-sdk/chat",
] as const;

/** Spread into a route in place of `requires`: its JSON body may contain a whole conversation. */
export function takesTranscript(access: ReturnType<typeof requires>) {
  return jsonBodyOr(() => false, MAX_TRANSCRIPT_BYTES, access);
}
