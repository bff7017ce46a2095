/** Starts the chat page. */
import "./design/tokens.css";
import "./design/base.css";
import "./design/controls.css";
import "./design/fields.css";
import "./design/states.css";
import "./design/layers.css";
import "./design/print.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApexClient } from "../client/index.ts";
import { App } from "./app.tsx";
import { followTheme } from "./design/theme.ts";
import { FRAMES } from "./developer/frame-log.ts";
import { browserStore, oneTabAtATime } from "./session/browser-store.ts";
import { takeOverSignIn } from "./session/take-over.ts";

const store = browserStore();
const client = new ApexClient({
  baseUrl: location.origin,
  store,
  exclusive: oneTabAtATime,
  WebSocket: FRAMES.tap(WebSocket),
});
followTheme();
void takeOverSignIn(client, store);

const page = document.getElementById("page");
if (page) {
  createRoot(page).render(
    <StrictMode>
      <App client={client} store={store} />
    </StrictMode>,
  );
}
