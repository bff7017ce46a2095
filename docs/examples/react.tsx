/** A chat in forty lines: what was said, the answer as it is written, and a way to stop it. */
import type { ApexClient } from "apex-edge-client";
import { useThread } from "apex-edge-client/react";
import { type FormEvent, useState } from "react";

export function Chat({ client }: { readonly client: ApexClient }) {
  const { view, status, problem, send, cancel } = useThread(client, null);
  const [words, setWords] = useState("");

  async function submit(event: FormEvent) {
    event.preventDefault();
    setWords("");
    await send(words).catch(() => setWords(words));
  }

  return (
    <form onSubmit={submit}>
      <p>{problem?.message ?? status}</p>
      <ol>
        {view.messages.map((message) => (
          <li key={message.id}>
            {message.role}: {message.text}
          </li>
        ))}
      </ol>
      <input
        aria-label="Message"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <button type="submit">Send</button>
      <button type="button" onClick={() => cancel()}>
        Stop
      </button>
    </form>
  );
}
