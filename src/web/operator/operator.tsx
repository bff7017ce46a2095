/** The operator's page: how the platform is, what it counted, and what to look up of its users. */
import "../without-eval.ts";
import "../settings/settings.css";
import "./operator.css";
import { useQueryClient } from "@tanstack/react-query";
import { lazy } from "react";
import { permits } from "../../protocol/scopes.ts";
import { useSignedIn } from "../client-context.ts";
import { RefreshIcon } from "../design/icons.tsx";
import { Section } from "../design/section.tsx";
import { useWords } from "../words/words.ts";
import { AuditPart } from "./audit-part.tsx";
import { BreakersPart } from "./breakers-part.tsx";
import { DeadLettersPart } from "./dead-letters-part.tsx";
import { FiguresPart } from "./figures-part.tsx";
import { HealthPart } from "./health-part.tsx";
import { NotOperator } from "./not-operator.tsx";
import { useOperatorWords } from "./use-operator-words.ts";
import { WATCHED } from "./use-watched.ts";

const Runbooks = lazy(() => import("./runbooks.tsx"));

/** A lazily loaded view, so a default export. */
export default function Operator({ page }: { readonly page: string | undefined }) {
  const { user } = useSignedIn();
  const isOperator = permits(user.permissions, "operator");
  return <div className="view operator">{isOperator ? <View page={page} /> : <NotOperator />}</div>;
}

function View({ page }: { readonly page: string | undefined }) {
  const { frame } = useWords();
  if (page === undefined) return <Overview />;
  return page === "runbooks" ? <Runbooks /> : <p>{frame.notFound}</p>;
}

function Overview() {
  const words = useOperatorWords();
  const queries = useQueryClient();
  return (
    <Section title={words.title} hint={words.hint}>
      <div>
        <button
          type="button"
          onClick={() => void queries.invalidateQueries({ queryKey: [WATCHED] })}
        >
          <RefreshIcon />
          {words.refresh}
        </button>
      </div>
      <HealthPart />
      <BreakersPart />
      <FiguresPart />
      <AuditPart />
      <DeadLettersPart />
    </Section>
  );
}
