/** Prints what the official conformance suites say of the MCP door, check by check: `npm run conformance`. */
import { conformance, REVISIONS, startFixture } from "./conformance.ts";

const fixture = await startFixture();
try {
  for (const revision of REVISIONS) {
    const { code, printed } = await conformance(fixture.url, revision);
    console.log(`# Revision ${revision}\n\n${printed.trim()}\n`);
    if (code !== 0) process.exitCode = 1;
  }
} finally {
  await fixture.stop();
}
