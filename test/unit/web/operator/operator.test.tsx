/**
 * The operator's page: whom it turns away, and what it shows while parts fail.
 * @vitest-environment happy-dom
 */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { AT, credentials, USER } from "../../client/frames.ts";
import { refusal, strike } from "../stage.tsx";
import { answer, loadRoom, open, region, requests, WELL } from "./operator-stage.tsx";

beforeAll(loadRoom);
afterEach(strike);

const OPEN = { state: "open", since: AT, failures: 5, next_probe_at: AT };

describe("who is no operator", () => {
  test("is told so, and nothing is asked of the server", async () => {
    const { asked } = await open({}, []);
    await screen.findByRole("heading", { name: "This page is for operators" });
    expect(asked.filter((route) => /metrics|breakers|health|operator/.test(route))).toEqual([]);
  });

  test("is not led there by the menu; an operator is", async () => {
    await open({}, [], "/");
    await screen.findByRole("menuitem", { name: "Usage", hidden: true });
    expect(screen.queryByRole("menuitem", { name: "Operations", hidden: true })).toBeNull();
    strike();
    await open({}, ["operator"], "/");
    await screen.findByRole("menuitem", { name: "Operations", hidden: true });
  });

  test("may have become one: new tokens open the page", async () => {
    let granted: string[] = [];
    const user = () => ({ ...USER, permissions: granted });
    await open(
      {
        "POST /api/auth/refresh": () => ({
          status: 200,
          body: { ...credentials(2), user: user() },
        }),
        "GET /api/auth/me": () => ({ status: 200, body: user() }),
      },
      [],
    );
    fireEvent.click(await screen.findByRole("button", { name: "I have it now" }));
    await screen.findByText("Your account still doesn't have the permission.");
    granted = ["operator"];
    fireEvent.click(screen.getByRole("button", { name: "I have it now" }));
    await screen.findByRole("heading", { name: "Operations" });
  });
});

describe("while parts fail, an operator", () => {
  test("sees which are degraded, and is led to their lines of the runbooks", async () => {
    const parts = { ...WELL, database: "degraded", queue_of_the_future: "degraded" };
    await open({
      "GET /api/health": answer({ status: "degraded", parts, model_provider: "openai" }),
    });
    const health = await region("Health");
    await within(health).findByText("Some parts are degraded.");
    const link = within(health).getByRole("link", { name: "Runbook: D1" });
    expect(link.getAttribute("href")).toBe("/operator/runbooks#outbox.postponed");
    within(health).getByText("queue_of_the_future");
  });

  test("sees an open breaker with each instance that reported it", async () => {
    const instances = [{ ...OPEN, reported_at: AT }];
    await open({
      "GET /api/circuit-breakers": answer({ data: [{ ...OPEN, part: "analytics", instances }] }),
    });
    const breakers = await region("Circuit breakers");
    await within(breakers).findByText("1 instance");
    expect(within(breakers).getAllByText("Open")).toHaveLength(2);
    within(breakers).getByRole("list", { name: "Instances that reported on Usage records" });
    within(breakers).getByRole("link", { name: "Runbook: Usage records" });
  });

  test("sees the other parts where one cannot be read, and why that is", async () => {
    await open({ "GET /metrics": () => refusal("unavailable", 503) });
    const figures = await region("Figures");
    await within(figures).findByRole("alert");
    await within(await region("Health")).findByText("Every part is healthy.");
  });

  test("sees failures that grow while they look, and what was read before where reading fails", async () => {
    let looks = 0;
    await open({
      "GET /metrics": () => {
        looks += 1;
        return looks === 3 ? refusal("unavailable", 503) : answer(requests(looks - 1))();
      },
    });
    const figures = await region("Figures");
    const failed = () => within(figures).getByRole("row", { name: /^Failed Requests/ });
    await waitFor(() => within(failed()).getByText("Fine"));
    fireEvent.click(screen.getByRole("button", { name: "Look again" }));
    await waitFor(() => within(failed()).getByText("Rising"));
    within(failed()).getByRole("link", { name: "Runbook: Failed" });
    fireEvent.click(screen.getByRole("button", { name: "Look again" }));
    await within(figures).findByText(/could not be read just now/);
    within(failed()).getByText("Rising");
  });
});

test("figures stand with their meaning, and quantiles with their bounds", async () => {
  await open({});
  const figures = await region("Figures");
  const row = await within(figures).findByRole("row", { name: /^Run waits/ });
  expect(row.textContent).toContain("about 250 ms");
  expect(row.textContent).toContain("0 ms to 500 ms");
  within(figures).getByRole("row", { name: /^Answered Requests that were answered well.* 1,200/ });
});

test("the runbooks open at the line that was asked for", async () => {
  await open({}, ["operator"], "/operator/runbooks#outbox.postponed");
  await screen.findByRole("heading", { name: "Runbooks" });
  const row = document.getElementById("outbox.postponed")?.closest("tr");
  expect(row?.getAttribute("aria-current")).toBe("true");
  await waitFor(() => expect(document.activeElement).toBe(row));
  expect(document.querySelectorAll("tr[aria-current]")).toHaveLength(1);
});
