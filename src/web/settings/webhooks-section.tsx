/** Where events are sent: addresses that are told, signed, what happens here. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { parseInput } from "../../protocol/parse-input.ts";
import { CreateWebhookBody } from "../../protocol/webhooks.ts";
import { useSignedIn } from "../client-context.ts";
import { Section } from "../design/section.tsx";
import { Choices, Field } from "../form/field.tsx";
import { useChange } from "../form/use-change.ts";
import { useWords } from "../words/words.ts";
import { Rows } from "./rows.tsx";
import { SecretForm } from "./secret-form.tsx";
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
      <Rows query={webhooks} words={words}>
        {(webhook) => <WebhookRow key={webhook.id} webhook={webhook} onDone={setNotice} />}
      </Rows>
      <NewWebhook />
    </Section>
  );
}

function NewWebhook() {
  const { client } = useSignedIn();
  const words = useWords().settings.webhooks;
  const create = useChange(client.webhooks.create, "webhooks");
  return (
    <SecretForm
      words={words}
      onMake={async (typed) => {
        const given = { url: typed.get("url"), events: typed.getAll("events") };
        const body = parseInput(CreateWebhookBody, given, "the form");
        const { url, secret } = await create.mutateAsync(body);
        return { label: words.created(url), secret };
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
    </SecretForm>
  );
}
