/** One webhook: what it is told of, what became of that, a test of it, and its end. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Webhook, WebhookDelivery } from "../../protocol/webhooks.ts";
import { useAttempt } from "../attempt.ts";
import { useSignedIn } from "../client-context.ts";
import { useToasts } from "../design/toasts.tsx";
import { ConfirmButton } from "../form/dialog-button.tsx";
import { useTold } from "../form/told.ts";
import { useChange } from "../form/use-change.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import { DELIVERIES, DeliveryList } from "./delivery-list.tsx";

interface Props {
  readonly webhook: Webhook;
  /** Says what was done. */
  readonly onDone: (notice: string) => void;
}

export function WebhookRow({ webhook, onDone }: Props) {
  const { client } = useSignedIn();
  const words = useWords().settings.webhooks;
  const told = useTold();
  const queries = useQueryClient();
  const show = useToasts();
  const { pending, problem, run } = useAttempt();
  const remove = useChange(client.webhooks.delete, "webhooks");
  const [isOpen, setOpen] = useState(false);
  const { id, url, events, created_at } = webhook;

  /** Shows the delivery among the others, whatever came of it. */
  async function send(what: () => Promise<WebhookDelivery>) {
    const { status } = await what();
    setOpen(true);
    await queries.invalidateQueries({ queryKey: [DELIVERIES, id] });
    show({ text: words.sent[status] });
  }

  return (
    <li className="card row webhook">
      <div>
        <strong>{url}</strong>
        <p className="hint">{events.map((event) => words.event[event]).join(" · ")}</p>
        <p className="hint">{words.since(told.day(created_at))}</p>
      </div>
      <div className="row-actions">
        <button
          type="button"
          aria-label={words.testOf(url)}
          disabled={pending}
          onClick={() => void run(() => send(() => client.webhooks.test(id)))}
        >
          {words.test}
        </button>
        <ConfirmButton
          label={words.remove}
          name={words.removeOf(url)}
          title={words.removeTitle}
          action={words.removeAction}
          onConfirm={async () => {
            await remove.mutateAsync(id);
            onDone(words.removed);
          }}
        >
          {words.removeText(url)}
        </ConfirmButton>
      </div>
      <ProblemNote problem={problem} />
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{words.deliveries}</summary>
        {isOpen && (
          <DeliveryList
            webhook={webhook}
            isBusy={pending}
            onReplay={(delivery) =>
              void run(() => send(() => client.webhooks.replay(id, delivery.id)))
            }
          />
        )}
      </details>
    </li>
  );
}
