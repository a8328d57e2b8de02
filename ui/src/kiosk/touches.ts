import type { Intent } from "../lib/generated/Intent";

const QUIET_MILLIS = 1000;

/**
 * Tells the program that somebody is there: at once where something waits for it (the voice to be silenced, a countdown
 * to be extended), otherwise at most once a second.
 */
export function touches(intend: (intent: Intent) => void, urgent: () => boolean, now: () => number) {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const at = now();
    if (!urgent() && at - last < QUIET_MILLIS) return;
    last = at;
    intend({ kind: "touched" });
  };
}
