/** An object's own frames as server-sent events, whose ids are places in its log. */
import type { Epoch } from "../protocol/ids.ts";
import { formatServerSentEvent } from "../protocol/sse.ts";
import type { Told } from "./event-stream.ts";
import type { AnyFrame, Heard } from "./frame-source.ts";

/** What to do with a frame: tell it or not, and whether it was the last. */
export type FrameFilter<Frame> = (frame: Frame) => {
  readonly tell: boolean;
  readonly last: boolean;
};

/**
 * @param epochOf gives the epoch that a connection's first frame tells; null for every other frame.
 * @param filter without one everything is told.
 * @returns how a connection's frames are told. Until it told its epoch, nothing has an id.
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
