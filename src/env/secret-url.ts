/** Addresses that secrets are sent to, or whose keys are believed. */
import * as z from "zod";

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

export const SecretUrl = z
  .url({ protocol: /^https?$/, error: "must be an https URL" })
  .refine(keepsSecrets, "must be https, but to this machine itself");

/** Plain http would show what is sent to everybody on the way; only the loopback has no way. */
export function keepsSecrets(address: string | undefined): boolean {
  const url = URL.parse(address ?? "");
  return url?.protocol !== "http:" || isLoopback(url);
}

/** @returns whether an address is this machine's own, which nobody stands on the way to. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}
