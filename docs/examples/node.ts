/** Asks a question, follows the run, and prints the answer: `node docs/examples/node.ts "question"`. */
import { ApexClient } from "apex-edge-client";

const [question = "Where does our money go?"] = process.argv.slice(2);
const apiKey = process.env.APEX_KEY;
const client = new ApexClient({
  baseUrl: process.env.APEX ?? "http://127.0.0.1:8787",
  ...(apiKey && { apiKey }),
});
if (!apiKey) await client.devLogin({ email: "ada@example.com" });

const ended = Promise.withResolvers<string>();
const connection = client.connect(null, {
  onFrame(frame) {
    if (frame.type === "agent_thinking") console.error(`· ${frame.data.reasoning}`);
    if (frame.type === "tool_executing") console.error(`→ ${frame.data.operation}`);
    if (frame.type === "agent_completed") ended.resolve(frame.data.final_response);
  },
  onStatus(status, error) {
    if (status === "closed" && error) ended.reject(error);
  },
});
await connection.send(question);
console.log(await ended.promise);
connection.close();
