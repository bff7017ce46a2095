/** What a column holds as text of JSON, the same in both stores. */
import * as z from "zod";
import { Call } from "./store.ts";

/** JSON as a column holds it. */
export const JsonText = z.string().transform((text): unknown => JSON.parse(text));

/** A call as it is stored: its list of prompt parts is text. */
export const StoredCall = Call.extend({ block_hmacs: JsonText.pipe(Call.shape.block_hmacs) });
