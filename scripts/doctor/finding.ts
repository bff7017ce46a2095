/** What the doctor found about a part, and what to do if something is wrong. */

export interface Finding {
  readonly part: string;
  /** `unknown` if it could not be checked; that does not stop a deployment. */
  readonly state: "well" | "fault" | "unknown";
  readonly said: string;
  /** How to fix it; left out if nothing is wrong. */
  readonly mend?: string;
}

/** What is looked at: an environment of wrangler.toml, as this checkout and the platform have it. */
export interface Patient {
  readonly environment: "development" | "staging" | "production";
  /** The settings whose values are known here. */
  readonly settings: Readonly<Record<string, string>>;
}

export const well = (part: string, said: string): Finding => ({ part, state: "well", said });
export const fault = (part: string, said: string, mend: string): Finding => ({
  part,
  state: "fault",
  said,
  mend,
});
export const unknown = (part: string, said: string, mend: string): Finding => ({
  part,
  state: "unknown",
  said,
  mend,
});
