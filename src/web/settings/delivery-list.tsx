/** What was sent to a webhook of late: whether it arrived, what was answered, and once more. */
import { useQuery } from "@tanstack/react-query";
import type { Webhook, WebhookDelivery } from "../../protocol/webhooks.ts";
import { useSignedIn } from "../client-context.ts";
import { Loaded } from "../form/loaded.tsx";
import { useTold } from "../form/told.ts";
import { useWords } from "../words/words.ts";

/** The key of the queries of deliveries, before their webhook's id. */
export const DELIVERIES = "webhook-deliveries";
/** How often what is still tried is looked at, in milliseconds. */
const LOOK_MS = 3_000;
/** How well it went, by colour; the words say the same. */
const TONES = { delivered: "success", pending: "warning", dead: "danger" } as const;

interface Props {
  readonly webhook: Webhook;
  readonly isBusy: boolean;
  readonly onReplay: (delivery: WebhookDelivery) => void;
}

/** Follows what is still on its way, for as long as it is shown. */
export function DeliveryList({ webhook: { id, url }, isBusy, onReplay }: Props) {
  const { client } = useSignedIn();
  const words = useWords().settings.webhooks;
  const deliveries = useQuery({
    queryKey: [DELIVERIES, id],
    queryFn: () => client.webhooks.deliveries(id),
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data?.data.some(({ status }) => status === "pending") ? LOOK_MS : false,
  });
  return (
    <Loaded query={deliveries}>
      {({ data }) =>
        data.length === 0 ? (
          <p className="hint">{words.noDeliveries}</p>
        ) : (
          <ul className="deliveries" aria-label={words.deliveriesOf(url)}>
            {data.map((delivery) => (
              <Delivery
                key={delivery.id}
                delivery={delivery}
                isBusy={isBusy}
                onReplay={() => onReplay(delivery)}
              />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

interface DeliveryProps {
  readonly delivery: WebhookDelivery;
  readonly isBusy: boolean;
  readonly onReplay: () => void;
}

function Delivery({ delivery, isBusy, onReplay }: DeliveryProps) {
  const words = useWords().settings.webhooks;
  const told = useTold();
  const { type, status, attempts, last_status, created_at } = delivery;
  const when = told.moment(created_at);
  const answer = last_status === null ? words.unanswered : words.answered(String(last_status));
  return (
    <li>
      <div>
        <code>{type}</code>{" "}
        <span className="badge" data-tone={TONES[status]}>
          {words.status[status]}
        </span>
        <p className="hint">
          <time dateTime={created_at}>{when}</time>
          {attempts > 0 && ` · ${words.tries(attempts)} · ${answer}`}
        </p>
      </div>
      {status !== "pending" && (
        <button
          type="button"
          className="small"
          aria-label={words.replayOf(type, when)}
          disabled={isBusy}
          onClick={onReplay}
        >
          {words.replay}
        </button>
      )}
    </li>
  );
}
