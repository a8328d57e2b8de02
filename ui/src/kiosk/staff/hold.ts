/** How long the corner is held before it opens anything: too long for a customer's hand that rests there. */
export const HOLD_MILLIS = 3_000;

/** A finger that is laid down and stays for a while. */
export function hold(done: () => void) {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const lift = () => clearTimeout(waiting);
  return {
    press() {
      lift();
      waiting = setTimeout(done, HOLD_MILLIS);
    },
    lift,
  };
}
