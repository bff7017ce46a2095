/** Where events are sent: addresses that are told, signed, what happens here. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { parseInput } from "../../protocol/parse-input.ts";
import { type CreatedWebhook, CreateWebhookBody } from "../../protocol/webhooks.ts";
import { useSignedIn } from "../client-context.ts";
import { Choices, Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { Loaded } from "../form/loaded.tsx";
import { ShownOnce } from "../form/shown-once.tsx";
import { useChange } from "../form/use-change.ts";
import { useWords } from "../words/words.ts";
import { Part, Section } from "./section.tsx";
import { WebhookRow } from "./webhook-row.tsx";

const USUAL_EVENTS = ["report.published"];

export function WebhooksSection() {
  const { client } = useSignedIn();
  const { settings } = useWords();
  const words = settings.webhooks;
  const [notice, setNotice] = useState("");
  const webhooks = useQuery({ queryKey: ["webhooks"], queryFn: client.webhooks.list });
  return (
    <Section title={settings.sections.webhooks} hint={words.hint} notice={notice}>
      <Loaded query={webhooks}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="hint">{words.none}</p>
          ) : (
            <ul className="rows" aria-label={words.list}>
              {data.map((webhook) => (
                <WebhookRow key={webhook.id} webhook={webhook} onDone={setNotice} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <NewWebhook />
    </Section>
  );
}

function NewWebhook() {
  const { client } = useSignedIn();
  const words = useWords().settings.webhooks;
  const [made, setMade] = useState<CreatedWebhook | null>(null);
  const create = useChange(client.webhooks.create, "webhooks");
  return (
    <Part title={words.make}>
      {made !== null && (
        <ShownOnce
          label={words.created(made.url)}
          secret={made.secret}
          hint={words.once}
          onClose={() => setMade(null)}
        />
      )}
      <Form
        label={words.form}
        action={words.create}
        onSubmit={async (typed) => {
          const given = { url: typed.get("url"), events: typed.getAll("events") };
          setMade(await create.mutateAsync(parseInput(CreateWebhookBody, given, "the form")));
          return undefined;
        }}
      >
        <Field
          name="url"
          label={words.url}
          hint={words.urlHint}
          faults={words.urlFaults}
          type="url"
          autoComplete="off"
          placeholder="https://example.com/hooks/apex-edge"
          required
        />
        <Choices
          name="events"
          label={words.events}
          faults={words.eventsFaults}
          options={Object.entries(words.event)}
          chosen={USUAL_EVENTS}
        />
      </Form>
    </Part>
  );
}
