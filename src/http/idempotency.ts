/**
 * `Idempotency-Key`: a POST that can be repeated and is carried out once
 * (draft-ietf-httpapi-idempotency-key-header).
 */
import type { Context, Next } from "hono";
import { systemClock, timestamp } from "../core/clock.ts";
import { ApexError } from "../protocol/errors.ts";
import { openDatabase } from "../store/database.ts";
import { IdempotencyKeys, type KeptAnswer, type KeyedRequest } from "../store/idempotency.ts";
import type { SignedInEnv } from "./router.ts";
import { UPLOAD_PATHS } from "./upload.ts";

export const IDEMPOTENCY_KEY = "Idempotency-Key";
/** Set on an answer that was stored before. */
export const REPLAYED = "Idempotency-Replayed";

const MAX_KEY_LENGTH = 128;
/** The longest answer that is stored, in UTF-16 code units. */
const MAX_BODY_LENGTH = 64 * 1024;
/** How long an answer is stored, in milliseconds. */
const KEPT_MS = 24 * 60 * 60_000;
/** After this long without an answer, in milliseconds, a request is taken for one that crashed. */
const UNDER_WAY_MS = 2 * 60_000;
/** Answers that show a new secret, which must not be stored. */
const SHOWS_A_SECRET =
  /^\/api\/(?:keys|webhooks|organization\/invitations|threads\/[^/]+\/(?:ticket|share))$/;

/**
 * Carries out a POST of a signed-in user once per key. Answers of failed requests are not stored, so that the
 * client may repeat them. Uploads, which have their own ids, and other protocols, which define the key
 * themselves, are exempt.
 * @throws {ApexError} `idempotency_key_reused`, `repeated_request`, `quota_exceeded` or `unavailable`.
 */
export async function once(c: Context<SignedInEnv>, next: Next): Promise<Response | undefined> {
  const key = c.req.header(IDEMPOTENCY_KEY);
  const { method, path } = c.req;
  const isOurs = path.startsWith("/api/") && !UPLOAD_PATHS.includes(path);
  if (key === undefined || method !== "POST" || !isOurs) {
    await next();
    return;
  }
  const request = await keyed(c, key);
  const keys = new IdempotencyKeys(openDatabase(c.env.DB), c.var.principal.userId);
  const claim = await keys.claim(request, inTime(0), inTime(UNDER_WAY_MS));
  switch (claim.kind) {
    case "answered":
      return replay(c, claim.answer);
    case "reused":
      throw new ApexError("idempotency_key_reused", "Choose another key for another request.");
    case "under_way":
      throw new ApexError("repeated_request", "The same request is being answered just now.", {
        retryAfter: 1,
      });
    case "full":
      throw new ApexError("quota_exceeded", "Too many keys are in use. Each lasts for a day.");
    default:
  }
  await next();
  const answer = await kept(c);
  const done =
    answer === null ? keys.release(request) : keys.keep(request, answer, inTime(KEPT_MS));
  // The request was carried out, so a failure to store its answer is ignored; the key expires by itself.
  await done.catch(() => undefined);
}

async function keyed(c: Context<SignedInEnv>, key: string): Promise<KeyedRequest> {
  if (key === "" || key.length > MAX_KEY_LENGTH) {
    const message = `must have 1 to ${MAX_KEY_LENGTH} characters`;
    throw new ApexError("invalid_fields", `The header ${IDEMPOTENCY_KEY} ${message}.`, {
      errors: [{ field: IDEMPOTENCY_KEY, message }],
    });
  }
  const { search } = new URL(c.req.url);
  const body = await c.req.raw.clone().arrayBuffer();
  const asked = new Blob([search, "\n", c.req.header("accept") ?? "", "\n", body]);
  const hash = await crypto.subtle.digest("SHA-256", await asked.arrayBuffer());
  const fingerprint = Buffer.from(hash).toString("base64url");
  return { route: `POST ${c.req.path}`, key, fingerprint };
}

/** @returns what is stored of the answer; null if it is not to be stored. */
async function kept({ res, req }: Context): Promise<KeptAnswer | null> {
  if (!res.ok) return null;
  const { status, headers } = res;
  const location = headers.get("location");
  const isJson = headers.get("content-type")?.startsWith("application/json") ?? status === 204;
  if (!isJson || SHOWS_A_SECRET.test(req.path)) return { status, location, body: null };
  const body = await res.clone().text();
  return { status, location, body: body.length > MAX_BODY_LENGTH ? null : body };
}

function replay(c: Context, { status, location, body }: KeptAnswer): Response {
  const headers = new Headers({ [REPLAYED]: "true" });
  if (location !== null) headers.set("Location", location);
  if (body === null) {
    const where = location === null ? "" : ` What it made is at ${location}.`;
    const detail = `The request was done; its answer was a stream, or shows a secret, and is not kept.${where}`;
    throw new ApexError("repeated_request", detail);
  }
  if (body !== "") headers.set("Content-Type", "application/json");
  return c.newResponse(body === "" ? null : body, new Response(null, { status, headers }));
}

/** @returns a time this many milliseconds from now, in the format of RFC 3339. */
function inTime(milliseconds: number): string {
  return timestamp(systemClock.now() + milliseconds);
}
