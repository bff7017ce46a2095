/** An object's frames as server-sent events. Their ids are positions in its log. */
import type { Epoch } from "../protocol/ids.ts";
import { formatServerSentEvent } from "../protocol/sse.ts";
import type { Told } from "./event-stream.ts";
import type { AnyFrame, Heard } from "./frame-source.ts";

/** Decides whether a frame is sent, and whether it is the last. */
export type FrameFilter<Frame> = (frame: Frame) => {
  readonly tell: boolean;
  readonly last: boolean;
};

/**
 * @param epochOf gives the epoch from a connection's first frame; null for every other frame.
 * @param filter if undefined, every frame is sent.
 * @returns how frames are written. Events have no id until the epoch is known.
 */
export function tellLog<Frame extends AnyFrame>(
  epochOf: (frame: Frame) => Epoch | null,
  filter: FrameFilter<Frame> = () => ({ tell: true, last: false }),
): (heard: Heard<Frame>) => Told {
  let epoch: Epoch | null = null;
  return ({ frame, text: json }) => {
    epoch = epochOf(frame) ?? epoch;
    if (epoch === null) return { text: "", last: false };
    const { tell, last } = filter(frame);
    return { text: tell ? formatServerSentEvent(epoch, frame, json) : "", last };
  };
}
