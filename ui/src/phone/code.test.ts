import { expect, it } from "vitest";
import { codeInPath, isWhole, spell } from "./code";

it("a code is spelled as on the kiosk, however it is typed", () => {
  expect(spell("wqdk rtmp")).toBe("WQDK-RTMP");
  expect(spell("wqdkrtmpxx")).toBe("WQDK-RTMP");
  expect(spell("wq")).toBe("WQ");
  expect(spell("a1e0wqdk")).toBe("WQDK");
});

it("only eight letters are a whole code", () => {
  expect(isWhole("WQDK-RTMP")).toBe(true);
  expect(isWhole("WQDK-RTM")).toBe(false);
});

it("finds the code in the address that the QR holds", () => {
  expect(codeInPath("/K/ABCDEFGHIJKLMNOPQRSTUVWX23")).toBe("ABCDEFGHIJKLMNOPQRSTUVWX23");
  expect(codeInPath("/k")).toBeUndefined();
  expect(codeInPath("/K/")).toBeUndefined();
});
