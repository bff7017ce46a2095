/** Keeps zod from turning text into code, which the Content-Security-Policy forbids: import first. */
import { config } from "zod";

config({ jitless: true });
