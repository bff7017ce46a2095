/** Reads a frame that a client sent: gives the command in it, or the problem that makes it unreadable. */
import { COMMAND_TYPES, Command, CommandHead } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import { MAX_FRAME_BYTES } from "../protocol/limits.ts";
import { parseInput } from "../protocol/parse-input.ts";

type ReadFrame =
  | { readonly ok: true; readonly command: Command }
  | {
      readonly ok: false;
      readonly error: ApexError;
      /** The command's type, if it could be read, so that the client knows which command failed. */
      readonly command: string | null;
      readonly clientMessageId: string | null;
    };

/** Never throws: a client is told what is wrong with whatever it sends. */
export function readFrame(frame: string | ArrayBuffer): ReadFrame {
  if (typeof frame !== "string") {
    return refuse(new ApexError("unsupported_frame", "Send JSON in text frames, not binary ones."));
  }
  if (new TextEncoder().encode(frame).length > MAX_FRAME_BYTES) {
    return refuse(new ApexError("too_large", `A frame holds at most ${MAX_FRAME_BYTES} bytes.`));
  }
  let json: unknown;
  try {
    json = JSON.parse(frame);
  } catch {
    return refuse(new ApexError("malformed_body", "The frame is not JSON."));
  }
  const head = CommandHead.safeParse(json);
  if (!head.success) {
    const detail = "A command is a JSON object with a type.";
    return refuse(
      new ApexError("invalid_fields", detail, {
        errors: [{ field: "type", message: "must be a string" }],
      }),
    );
  }
  const { type, client_message_id: clientMessageId = null } = head.data;
  const command = type.slice(0, 64);
  if (!COMMAND_TYPES.includes(type)) {
    const detail = `There is no command "${command}". Known commands: ${COMMAND_TYPES.join(", ")}.`;
    const errors = [{ field: "type", message: `must be one of: ${COMMAND_TYPES.join(", ")}` }];
    return {
      ok: false,
      error: new ApexError("unknown_command", detail, { errors }),
      command,
      clientMessageId,
    };
  }
  try {
    return { ok: true, command: parseInput(Command, json, `the command ${command}`) };
  } catch (error) {
    return { ok: false, error: ApexError.from(error), command, clientMessageId };
  }
}

function refuse(error: ApexError): ReadFrame {
  return { ok: false, error, command: null, clientMessageId: null };
}
