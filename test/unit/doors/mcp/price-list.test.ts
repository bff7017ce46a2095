/** The price list as people browse it: whole, in order, and with a price for each. */
import { describe, expect, it } from "vitest";
import { LISTED_PROVIDERS, listedModels } from "../../../../src/usage/price-list.ts";

describe.each(LISTED_PROVIDERS.map((name) => [name] as const))("%s", (provider) => {
  it("has models, each once, by name, with what their input costs", () => {
    const models = listedModels(provider, Date.UTC(2026, 10, 21));
    const names = models.map(({ model }) => model);

    expect(names.length).toBeGreaterThan(0);
    expect(names).toEqual([...new Set(names)].toSorted());
    for (const { rates } of models) expect(rates.input).toBeGreaterThanOrEqual(0);
  });
});
