/** A report from where it is: the run as it is told here, or the server for an older one. */
import { useContext, useEffect, useEffectEvent, useState } from "react";
import { ApexError } from "../../protocol/errors.ts";
import type { RunId } from "../../protocol/ids.ts";
import type { Report } from "../../protocol/report.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { SignedInContext } from "../client-context.ts";

interface Loaded {
  readonly report: Report | null;
  /** Why there is none; null while it is on its way. */
  readonly problem: ApexError | null;
}

const NOT_YET: Loaded = { report: null, problem: null };

/** @returns the run's report, as soon as it is here. */
export function useReport(runId: RunId, run: RunView | undefined): Loaded {
  const client = useContext(SignedInContext)?.client;
  const [loaded, setLoaded] = useState<Loaded>(NOT_YET);
  const told = run?.report ?? null;
  const isMissing = told === null;

  const load = useEffectEvent(async () => {
    try {
      const report = (await client?.runs.report(runId)) ?? null;
      return { report, problem: null };
    } catch (error) {
      return { report: null, problem: ApexError.from(error) };
    }
  });
  useEffect(() => {
    if (!isMissing) return;
    let isShown = true;
    void load().then((found) => {
      if (isShown) setLoaded(found);
    });
    return () => {
      isShown = false;
    };
  }, [isMissing]);

  return told === null ? loaded : { report: told, problem: null };
}
