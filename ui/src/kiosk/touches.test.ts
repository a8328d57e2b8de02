import { expect, it } from "vitest";
import { touches } from "./touches";

function stage() {
  const bench = { now: 0, urgent: false, sent: 0 };
  const touch = touches(
    () => bench.sent++,
    () => bench.urgent,
    () => bench.now,
  );
  return { bench, touch };
}

it("many touches within a second are one", () => {
  const { bench, touch } = stage();
  for (bench.now = 0; bench.now < 1000; bench.now += 100) touch();
  expect(bench.sent).toBe(1);
  bench.now = 1000;
  touch();
  expect(bench.sent).toBe(2);
});

it("a touch while the voice speaks is never held back", () => {
  const { bench, touch } = stage();
  touch();
  bench.urgent = true;
  touch();
  expect(bench.sent).toBe(2);
});
