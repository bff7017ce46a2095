/** What one's runs may cost in a month, and what each of them did. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Budget, SetBudgetBody } from "../../protocol/budget.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { useSignedIn } from "../client-context.ts";
import { Part, Section } from "../design/section.tsx";
import { Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { Loaded } from "../form/loaded.tsx";
import { useTold } from "../form/told.ts";
import { useChange } from "../form/use-change.ts";
import { useWords } from "../words/words.ts";
import { LedgerPart } from "./ledger-part.tsx";
import { Meter } from "./meter.tsx";

export function BudgetSection() {
  const { client } = useSignedIn();
  const { settings } = useWords();
  const words = settings.budget;
  const told = useTold();
  const [notice, setNotice] = useState("");
  const budget = useQuery({ queryKey: ["budget"], queryFn: client.budget.get, staleTime: 0 });
  const set = useChange(client.budget.set, "budget");
  return (
    <Section title={settings.sections.budget} hint={words.hint} notice={notice}>
      <Loaded query={budget}>
        {(now) => (
          <>
            <Standing budget={now} />
            <Part title={words.form}>
              <Form
                label={words.form}
                action={words.save}
                onSubmit={async (typed) => {
                  setNotice("");
                  const monthly_usd = readAmount(typed.get("monthly_usd"));
                  await set.mutateAsync(parseInput(SetBudgetBody, { monthly_usd }, "the form"));
                  return words.saved(told.usd(monthly_usd));
                }}
                aside={
                  now.monthly_usd !== null && (
                    <button
                      type="button"
                      disabled={set.isPending}
                      onClick={() =>
                        set.mutate(
                          { monthly_usd: null },
                          { onSuccess: () => setNotice(words.removed) },
                        )
                      }
                    >
                      {words.remove}
                    </button>
                  )
                }
              >
                <Field
                  key={now.monthly_usd}
                  name="monthly_usd"
                  label={words.amount}
                  faults={words.amountFaults}
                  defaultValue={now.monthly_usd ?? ""}
                  inputMode="decimal"
                  autoComplete="off"
                  required
                />
              </Form>
            </Part>
          </>
        )}
      </Loaded>
      <LedgerPart />
    </Section>
  );
}

function Standing({ budget }: { readonly budget: Budget }) {
  const words = useWords().settings.budget;
  const told = useTold();
  const { monthly_usd, spent_usd, remaining_usd, resets_at } = budget;
  const spent = told.usd(spent_usd);
  if (monthly_usd === null) {
    return (
      <p>
        <strong>{words.spent(spent)}</strong> <span className="hint">{words.none}</span>
      </p>
    );
  }
  return (
    <Meter
      label={words.meter}
      said={words.of(spent, told.usd(monthly_usd))}
      hint={words.left(told.usd(Math.max(0, remaining_usd ?? 0)), told.distance(resets_at))}
      value={spent_usd}
      max={monthly_usd}
    />
  );
}

/** @returns the amount as it was meant: with a dollar sign or a decimal comma; NaN where it is none. */
function readAmount(typed: FormDataEntryValue | null): number {
  return Number(String(typed).trim().replace(/^\$/, "").replace(",", "."));
}
