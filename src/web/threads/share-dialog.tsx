/** Sharing a thread: a link is made, copied, brought up to date, and taken back. */
import { CloseIcon, CopyIcon } from "../design/icons.tsx";
import "./share-dialog.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import type { Thread } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { ThreadShare, ThreadShareState } from "../../protocol/sharing.ts";
import { useSignedIn } from "../client-context.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import { forgetLink, recallLink, rememberLink } from "./share-links.ts";

interface Props {
  readonly thread: Thread;
  readonly onClose: () => void;
}

/** A modal dialog, there as long as it is rendered; lazily loaded, so a default export. */
export default function ShareDialog({ thread, onClose }: Props) {
  const { threads: words } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const headingId = useId();
  const { share, problem, pending, make, renew, unshare, isRenewed } = useShare(thread);
  const link = share && recallLink(thread.id);

  useEffect(() => dialog.current?.showModal(), []);

  return (
    <dialog ref={dialog} className="share-dialog" aria-labelledby={headingId} onClose={onClose}>
      <header>
        <h2 id={headingId}>{words.shareTitle}</h2>
        <button
          type="button"
          className="icon"
          aria-label={words.close}
          title={words.close}
          onClick={() => dialog.current?.close()}
        >
          <CloseIcon />
        </button>
      </header>
      <p>{words.shareWhat}</p>
      {share && <Since share={share} />}
      {link && <LinkField link={new URL(link, location.origin).href} />}
      {share && !link && <p className="hint">{words.lostLink}</p>}
      <p className="hint" role="status">
        {isRenewed && words.renewed}
      </p>
      <ProblemNote problem={problem} />
      <div className="actions">
        {share && (
          <button type="button" className="danger" disabled={pending} onClick={unshare}>
            {words.unshare}
          </button>
        )}
        {share && link && (
          <button type="button" disabled={pending} onClick={renew}>
            {words.renewShare}
          </button>
        )}
        {share !== undefined && !link && (
          <button type="button" className="primary" disabled={pending} onClick={make}>
            {share === null ? words.makeLink : words.newLink}
          </button>
        )}
      </div>
    </dialog>
  );
}

/** How the thread is shared, undefined until it is known, and what can be done about it. */
function useShare({ id }: Thread) {
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const queryKey = ["share", id];
  const state = useQuery({ queryKey, queryFn: () => client.threads.shareOf(id), staleTime: 0 });
  const keep = (share: ThreadShare | null) =>
    queries.setQueryData<ThreadShareState>(queryKey, { share });

  const make = useMutation({
    mutationFn: () => client.threads.share(id),
    onSuccess({ path, created_at, renewed_at }) {
      rememberLink(id, path);
      keep({ created_at, renewed_at });
    },
  });
  const renew = useMutation({ mutationFn: () => client.threads.renewShare(id), onSuccess: keep });
  const unshare = useMutation({
    mutationFn: () => client.threads.unshare(id),
    onSuccess() {
      forgetLink(id);
      keep(null);
    },
  });

  const failed = state.error ?? make.error ?? renew.error ?? unshare.error;
  return {
    share: state.data?.share,
    problem: failed && ApexError.from(failed),
    pending: make.isPending || renew.isPending || unshare.isPending,
    isRenewed: renew.isSuccess && state.data?.share != null,
    make: () => make.mutate(),
    renew: () => renew.mutate(),
    unshare: () => unshare.mutate(),
  };
}

function Since({ share }: { readonly share: ThreadShare }) {
  const { threads: words, locale } = useWords();
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const [made, upTo] = [share.created_at, share.renewed_at].map((at) =>
    format.format(new Date(at)),
  );
  return <p>{words.sharedSince(made ?? "", upTo ?? "")}</p>;
}

function LinkField({ link }: { readonly link: string }) {
  const { threads: words } = useWords();
  const [said, setSaid] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);

  function copy() {
    navigator.clipboard.writeText(link).then(
      () => setSaid(words.copied),
      () => {
        field.current?.select();
        setSaid(words.notCopied);
      },
    );
  }

  return (
    <div className="share-link">
      <input
        ref={field}
        readOnly
        aria-label={words.shareLink}
        value={link}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" className="primary" onClick={copy}>
        <CopyIcon />
        {words.copyLink}
      </button>
      <p className="hint" role="status">
        {said}
      </p>
    </div>
  );
}
