/** Bodies that come bit by bit, without a length: to their end, to a break, or for ever. */

/** @returns a body that arrives in pieces. */
export function inPieces(
  pieces: number,
  size: number,
  end: "close" | "error" = "close",
): ReadableStream {
  let sent = 0;
  const piece = new TextEncoder().encode(" ".repeat(size));
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      sent += 1;
      if (sent <= pieces) controller.enqueue(piece);
      else if (end === "close") controller.close();
      else controller.error(new Error("the connection was lost"));
    },
  });
}
