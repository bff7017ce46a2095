/** The meter of the benches: where there is no workerd, nothing was used only because nothing was looked at. */
import { expect, test } from "vitest";
import { startMeter } from "../../../bench/product-meter.ts";

test("without a workerd to watch there is no meter, for its zeros would keep every target", () => {
  expect(() => startMeter(process.pid, null)).toThrow("No worker was found.");
});
