import { expect, it } from "vitest";
import { momentOf } from "./moment";

const now = new Date(2026, 1, 12, 18, 30);

it("says the time of today, and with another day its name", () => {
  expect(momentOf(new Date(2026, 1, 12, 14, 5), now, "en")).toBe("14:05");
  expect(momentOf(new Date(2026, 1, 10, 9, 5), now, "en")).toMatch(/^Tuesday.* 09:05$/);
  for (const locale of ["hi", "es", "ar"] as const) {
    expect(momentOf(new Date(2026, 1, 12, 14, 5), now, locale)).toMatch(/[0-9]:05/);
  }
});
