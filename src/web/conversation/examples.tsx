/** Questions to begin with, for who does not know yet what can be asked. */
import { useWords } from "../words/words.ts";

interface Props {
  readonly isPending?: boolean;
  readonly onChoose: (question: string) => void;
}

export function Examples({ isPending = false, onChoose }: Props) {
  const { conversation } = useWords();
  return (
    <section className="examples" aria-label={conversation.examplesTitle}>
      {conversation.examples.map((question) => (
        <button
          key={question}
          type="button"
          disabled={isPending}
          onClick={() => onChoose(question)}
        >
          {question}
        </button>
      ))}
    </section>
  );
}
