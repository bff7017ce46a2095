/** Dates and figures as people read them, and the devices they sign in on. */
import { describe, expect, test } from "vitest";
import { told } from "../../../src/web/form/told.ts";
import { deviceOf } from "../../../src/web/settings/device.ts";

const NOW = Date.parse("2026-11-22T00:00:00Z");

describe("a distance in time", () => {
  test.each([
    ["2026-11-22T00:00:00Z", "now"],
    ["2026-11-21T23:59:20Z", "40 seconds ago"],
    ["2026-11-21T23:58:00Z", "2 minutes ago"],
    ["2026-11-21T21:00:00Z", "3 hours ago"],
    ["2026-11-21T00:00:00Z", "yesterday"],
    ["2026-12-01T00:00:00Z", "in 9 days"],
    ["2024-11-21T00:00:00Z", "2 years ago"],
  ])("to %s is %j", (at, words) => {
    expect(told("en", () => NOW).distance(at)).toBe(words);
  });
});

test.each([
  [0, "$0.00"],
  [0.00123, "$0.0012"],
  [1234.5, "$1,234.50"],
])("%d dollars are written %j", (dollars, words) => {
  expect(told("en").usd(dollars)).toBe(words);
});

describe("a device", () => {
  test.each([[null], ["xyz"]])("is not known by %j", (userAgent) => {
    expect(deviceOf(userAgent)).toBeNull();
  });

  test.each([
    [
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36",
      "Chrome",
      "Linux",
    ],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Version/18 Safari/605", "Safari", "macOS"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Version/18 Safari/604",
      "Safari",
      "iPhone",
    ],
    ["Mozilla/5.0 (Windows NT 10.0; rv:140) Firefox/140.0", "Firefox", "Windows"],
    ["curl/8.5.0", "curl", "an unknown system"],
  ])("is known by %j", (userAgent, browser, system) => {
    expect(deviceOf(userAgent)).toEqual({ browser, system });
  });
});
