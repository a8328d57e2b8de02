import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HOLD_MILLIS, hold } from "./hold";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("a long hold opens once, and a short one nothing", () => {
  let opened = 0;
  const corner = hold(() => {
    opened += 1;
  });
  corner.press();
  vi.advanceTimersByTime(HOLD_MILLIS - 1);
  corner.lift();
  vi.advanceTimersByTime(HOLD_MILLIS);
  expect(opened).toBe(0);
  corner.press();
  vi.advanceTimersByTime(HOLD_MILLIS * 2);
  expect(opened).toBe(1);
});
