/** Prices by contract: they go before the price list's. */
import { useQuery } from "@tanstack/react-query";
import { parseInput } from "../../protocol/parse-input.ts";
import { PriceBody } from "../../protocol/usage.ts";
import { useSignedIn } from "../client-context.ts";
import { Part } from "../design/section.tsx";
import { ConfirmButton } from "../form/dialog-button.tsx";
import { Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { Loaded } from "../form/loaded.tsx";
import { useTold } from "../form/told.ts";
import { useChange } from "../form/use-change.ts";
import { useWords } from "../words/words.ts";

export function PricesPart() {
  const { client } = useSignedIn();
  const words = useWords().usage.prices;
  const told = useTold();
  const prices = useQuery({ queryKey: ["prices"], queryFn: client.usage.prices });
  const remove = useChange(client.usage.removePrice, "prices");
  return (
    <Part title={words.title} hint={words.hint}>
      <Loaded query={prices}>
        {({ data }) =>
          data.length === 0 ? (
            <p>{words.none}</p>
          ) : (
            <ul className="rows prices" aria-label={words.list}>
              {data.map(({ id, provider, model_pattern, rates, valid_from, source }) => (
                <li key={id}>
                  <div>
                    <strong>{model_pattern}</strong> <span className="hint">{provider}</span>
                    <p className="hint">
                      {words.rates(told.usd(rates.input), told.usd(rates.output))},{" "}
                      {words.from(told.day(valid_from))} ({source})
                    </p>
                  </div>
                  <ConfirmButton
                    label={words.remove}
                    name={words.removeOf(model_pattern)}
                    title={words.removeTitle(model_pattern)}
                    action={words.removeAction}
                    onConfirm={() => remove.mutateAsync(id)}
                  >
                    {words.removeText}
                  </ConfirmButton>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <details>
        <summary>{words.add}</summary>
        <NewPrice />
      </details>
    </Part>
  );
}

/** The one rate that may stay open. */
const HOUR = "cache_write_1h";

function NewPrice() {
  const { client } = useSignedIn();
  const words = useWords().usage.prices;
  const add = useChange(client.usage.addPrice, "prices");
  const rates = [
    ["input", words.input],
    ["cache_read", words.cacheRead],
    ["cache_write", words.cacheWrite],
    ["cache_write_1h", words.cacheWriteHour],
    ["output", words.output],
  ] as const;
  return (
    <Form
      label={words.add}
      action={words.save}
      onSubmit={async (typed) => {
        const stated = rates.flatMap(([name]) => {
          const rate = typed.get(`rates.${name}`);
          return rate === "" ? [] : [[name, Number(rate)]];
        });
        const given = {
          provider: typed.get("provider"),
          model_pattern: typed.get("model_pattern"),
          rates: Object.fromEntries(stated),
          valid_from: `${typed.get("valid_from")}T00:00:00Z`,
          source: typed.get("source"),
        };
        await add.mutateAsync(parseInput(PriceBody, given, "the form"));
        return words.saved;
      }}
    >
      <Field name="provider" label={words.provider} placeholder="openai" required />
      <Field name="model_pattern" label={words.model} hint={words.modelHint} required />
      <div className="rates">
        {rates.map(([name, label]) => (
          <Field
            key={name}
            name={`rates.${name}`}
            label={label}
            faults={words.rateFaults}
            hint={name === HOUR ? words.unitOfHour : words.unit}
            inputMode="decimal"
            required={name !== HOUR}
          />
        ))}
      </div>
      <Field
        name="valid_from"
        label={words.valid}
        type="date"
        defaultValue={new Date().toISOString().slice(0, 10)}
        required
      />
      <Field name="source" label={words.source} required />
    </Form>
  );
}
