import { expect, it } from "vitest";
import { qrSide } from "./qr";

it("a module is a whole number of device pixels on every screen", () => {
  for (const ratio of [1, 1.25, 1.5, 2])
    for (const room of [300, 444, 517]) {
      const pixels = (qrSide(29, room, ratio) * ratio) / 37;
      expect(pixels).toBeCloseTo(Math.round(pixels), 9);
      expect(qrSide(29, room, ratio)).toBeLessThanOrEqual(room);
    }
});

it("a very small screen still gets modules that a camera can tell apart", () => {
  expect(qrSide(29, 10, 1)).toBe(74);
});
