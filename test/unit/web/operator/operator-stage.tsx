/** The operator's page on a stage: as who may, or may not, operate the platform. */
import { act, fireEvent, screen, within } from "@testing-library/react";
import { credentials, USER } from "../../client/frames.ts";
import { listing, type Routes, stage } from "../stage.tsx";

/** Loaded lazily, and on a busy machine for longer than a test waits for what it looks for. */
export async function loadRoom(): Promise<void> {
  await Promise.all([
    import("../../../../src/web/operator/operator.tsx"),
    import("../../../../src/web/operator/runbooks.tsx"),
    import("../../../../src/web/words/en/operator.ts"),
  ]);
}

export const answer = (body: unknown) => () => ({ status: 200, body });
const CLOSED = { state: "closed", since: null, failures: 0, next_probe_at: null };
export const WELL = { worker: "healthy", database: "healthy", model: "healthy" };

/** Metrics of a platform that failed so many requests. */
export const requests = (failed: number) => ({
  data: [
    {
      name: "apex_http_requests_total",
      help: "Requests answered",
      type: "counter",
      samples: [
        { labels: { route: "/a", method: "GET", status: "2xx" }, value: 1_200 },
        { labels: { route: "/a", method: "GET", status: "5xx" }, value: failed },
      ],
    },
    {
      name: "apex_metrics_reporters",
      help: "Isolates",
      type: "gauge",
      samples: [{ labels: {}, value: 2 }],
    },
    {
      name: "apex_run_queue_seconds",
      help: "Waits",
      type: "histogram",
      samples: [{ labels: {}, buckets: [{ le: 0.5, count: 8 }], sum: 2, count: 8 }],
    },
  ],
});

const HEALTHY: Routes = {
  ...listing([]),
  "GET /api/health": answer({ status: "healthy", parts: WELL, model_provider: "openai" }),
  "GET /api/circuit-breakers": answer({ data: [{ ...CLOSED, part: "model", instances: [] }] }),
  "GET /metrics": answer(requests(0)),
};

/** Opens the page as who may, or may not, operate the platform. */
export async function open(routes: Routes, permissions = ["operator"], path = "/operator") {
  const staged = await stage({ ...HEALTHY, ...routes }, path, false);
  const renew_at = Date.now() + 900_000;
  await act(async () => {
    await staged.store.save({ ...credentials(1), user: { ...USER, permissions }, renew_at });
  });
  return staged;
}

export const region = (name: string) => screen.findByRole("region", { name });
export const type = (label: string, value: string, within_: HTMLElement) =>
  fireEvent.change(within(within_).getByLabelText(label), { target: { value } });
export const press = (name: string, where: HTMLElement) =>
  fireEvent.click(within(where).getByRole("button", { name }));
