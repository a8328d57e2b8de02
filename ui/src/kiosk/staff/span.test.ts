import { expect, it } from "vitest";
import { ago, span } from "./span";

it("a span is told in its largest whole unit", () => {
  const at = "2026-01-01T00:00:00Z";
  for (const [later, told] of [
    ["2026-01-01T00:00:00Z", "0 seconds"],
    ["2026-01-01T00:00:59Z", "59 seconds"],
    ["2026-01-01T00:02:59Z", "2 minutes"],
    ["2026-01-01T01:00:00Z", "1 hour"],
    ["2026-01-04T23:00:00Z", "3 days"],
    ["2025-12-31T00:00:00Z", "0 seconds"],
  ] as const)
    expect(span(at, later, "en")).toBe(told);
});

it("what was a while ago is said as people say it", () => {
  const told = (["en", "es", "hi", "ar"] as const).map((locale) =>
    ago("2026-01-01T00:00:00Z", "2026-01-01T02:10:00Z", locale),
  );
  expect(told).toEqual(["2 hours ago", "hace 2 horas", "2 घंटे पहले", "قبل ساعتين"]);
});
