/** What the doctor finds of a part, and what to do where it is not well. */

export interface Finding {
  readonly part: string;
  /** `unknown` where it could not be looked at: that stops no deployment. */
  readonly state: "well" | "fault" | "unknown";
  readonly said: string;
  /** How it is mended; left out where all is well. */
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
