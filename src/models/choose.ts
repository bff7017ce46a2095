/** Picks the model that the settings name. */
import type { BreakerStatus } from "../core/breaker.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Model } from "../core/model.ts";
import { demoModel } from "./demo.ts";
import { guardedModel } from "./guarded.ts";
import { openaiModel } from "./openai.ts";

/** Where MODEL names none. */
const DEFAULT_MODEL = "gpt-5-mini";
/** Sent to endpoints that ask for no key: the SDK insists on one. */
const NO_KEY = "none";

export interface ModelSettings {
  readonly provider: "openai" | "demo";
  readonly apiKey?: string | undefined;
  readonly baseUrl?: string | undefined;
  /** MODEL as it was set, split at its commas: the first is the default. */
  readonly models: readonly string[];
  readonly demoPaceMs: number;
}

/** @returns the demo, or the endpoint behind its breaker; keep the object, for it keeps the breaker. */
export function chooseModel(
  settings: ModelSettings,
  ports: {
    readonly clock: Clock;
    readonly log: Log;
    /** Told whenever the breaker opened or closed. */
    readonly onChange?: (status: BreakerStatus) => void;
  },
): Model {
  if (settings.provider === "demo") {
    return demoModel({ paceMs: settings.demoPaceMs, clock: ports.clock });
  }
  const [first = DEFAULT_MODEL, ...others] = settings.models;
  const { apiKey = NO_KEY, baseUrl } = settings;
  return guardedModel(
    openaiModel({ apiKey, baseUrl, models: [first, ...others], ...ports }),
    ports,
  );
}
