import { expect, it } from "vitest";
import { money } from "./money";

it("whole amounts stand without a fraction, others with all of it", () => {
  expect(money(379_000, "INR", "en")).toBe("₹3,790");
  expect(money(379_050, "INR", "en")).toBe("₹3,790.50");
});

it("follows the currency's own number of digits", () => {
  expect(money(1500, "JPY", "en")).toContain("1,500");
  expect(money(1234, "KWD", "en")).toContain("1.234");
});

it("keeps Latin digits in every language", () => {
  for (const locale of ["en", "hi", "es", "ar"] as const) expect(money(379_000, "INR", locale)).toMatch(/3.?790/);
});

it("an empty cart without a currency is still an amount", () => {
  expect(money(0, "", "en")).toBe("0");
});
