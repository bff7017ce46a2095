/** What surrounds every view. */

export const frame = {
  product: "Apex Edge",
  skipToContent: "Skip to the content",
  showThreads: "Show the threads",
  hideThreads: "Hide the threads",
  side: "Threads and account",
  account: "Account",
  accountOf: "Account of",
  api: "API",
  settings: "Settings",
  usage: "Usage",
  operator: "Operations",
  logOut: "Log out",
  loading: "Loading…",
  notFound: "There is nothing at this address.",
  home: "Where does the money go?",
  homeHint:
    "Answers rest on your own records once you bring them in; until then, on those of a sample company.",
  homeImport: "Import your usage",
};
