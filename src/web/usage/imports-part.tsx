/** The files that were imported: how each stands, what became of its rows, and the way back. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { UsageImport } from "../../protocol/usage.ts";
import { useSignedIn } from "../client-context.ts";
import { Part } from "../design/section.tsx";
import { ConfirmButton } from "../form/dialog-button.tsx";
import { Loaded } from "../form/loaded.tsx";
import { ShowMore } from "../form/show-more.tsx";
import { useTold } from "../form/told.ts";
import { useWords } from "../words/words.ts";
import { IMPORTS, type Import } from "./use-import.ts";

/** How often the list is looked at while one of them is under way, in milliseconds. */
const LOOK_MS = 3_000;
/** How it stands, by colour; the words say the same. */
const TONES = {
  complete: "success",
  under_way: "accent",
  incomplete: "warning",
  rolling_back: "warning",
} as const;

/** Follows what changes by itself, for as long as it is shown. */
export function ImportsPart({ current }: { readonly current: Import }) {
  const { client } = useSignedIn();
  const words = useWords().usage.imports;
  const heading = useRef<HTMLHeadingElement>(null);
  const [done, setDone] = useState("");
  const isImporting = current.state.step === "importing";
  const imports = useInfiniteQuery({
    queryKey: [IMPORTS],
    queryFn: ({ pageParam }) => client.usage.imports(pageParam === "" ? {} : { cursor: pageParam }),
    initialPageParam: "",
    getNextPageParam: ({ next_cursor }) => next_cursor,
    staleTime: 0,
    refetchInterval: ({ state }) =>
      isImporting || state.data?.pages.some(({ data }) => data.some(isMoving)) ? LOOK_MS : false,
  });
  return (
    <Part title={words.title} headingRef={heading}>
      <p role="status" className="hint">
        {done}
      </p>
      <Loaded query={imports}>
        {({ pages }) => (
          <ImportList
            imports={pages.flatMap(({ data }) => data)}
            onTakeBack={async (each) => {
              await current.work.takeBack(each.id);
              setDone(words.takenBack(nameOf(each)));
              // The row, and the button that had the focus, are gone.
              heading.current?.focus();
            }}
          />
        )}
      </Loaded>
      <ShowMore list={imports} />
    </Part>
  );
}

interface ListProps {
  readonly imports: readonly UsageImport[];
  readonly onTakeBack: (one: UsageImport) => Promise<void>;
}

function ImportList({ imports, onTakeBack }: ListProps) {
  const words = useWords().usage.imports;
  if (imports.length === 0) return <p>{words.none}</p>;
  return (
    <ul className="rows imports" aria-label={words.title}>
      {imports.map((each) => (
        <Row key={each.id} of={each} onTakeBack={() => onTakeBack(each)} />
      ))}
    </ul>
  );
}

function Row(props: { readonly of: UsageImport; readonly onTakeBack: () => Promise<void> }) {
  const { formats, imports: words } = useWords().usage;
  const { takeBack, takeBackTitle, takeBackText, takeBackAction } = useWords().usage.progress;
  const told = useTold();
  const { format, created_at, stored, quarantined } = props.of;
  const [name, state] = [nameOf(props.of), stateOf(props.of)];
  return (
    <li>
      <div>
        <strong>{name}</strong>{" "}
        <span className="badge" data-tone={TONES[state]}>
          {words.states[state]}
        </span>
        <p className="hint">
          {formats[format]} · <time dateTime={created_at}>{told.moment(created_at)}</time>
        </p>
        <p className="hint">{words.counts(stored, quarantined)}</p>
        {state !== "complete" && <p className="hint">{words.advice[state]}</p>}
      </div>
      <ConfirmButton
        label={takeBack}
        name={words.takeBackOf(name)}
        title={takeBackTitle}
        action={takeBackAction}
        onConfirm={props.onTakeBack}
      >
        {takeBackText}
      </ConfirmButton>
    </li>
  );
}

function stateOf({ status, under_way }: UsageImport): keyof typeof TONES {
  return under_way ? "under_way" : status;
}

/** Whether it goes on without the page. */
function isMoving(one: UsageImport): boolean {
  const state = stateOf(one);
  return state === "under_way" || state === "rolling_back";
}

function nameOf({ file_name, id }: UsageImport): string {
  return file_name ?? id;
}
