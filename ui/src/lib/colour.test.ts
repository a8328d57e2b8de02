import { describe, expect, it } from "vitest";
import { contrast, fromOklch, luminance, parseHex, productTint, type Rgb, readable, toHex, toOklch } from "./colour";

const hex = (text: string): Rgb => parseHex(text) ?? expect.fail(`${text} is a colour`);

describe("colour", () => {
  it("survives the way to Oklch and back", () => {
    for (const text of ["#1f4d3f", "#ff0080", "#faf7f0", "#000000", "#ffffff"])
      expect(toHex(fromOklch(toOklch(hex(text))))).toBe(text);
  });

  it("knows WCAG's extremes", () => {
    expect(contrast(hex("#000"), hex("#fff"))).toBeCloseTo(21);
    expect(contrast(hex("#777"), hex("#777"))).toBeCloseTo(1);
  });

  it("moves a colour until it can be read", () => {
    const paper = hex("#ffffff");
    const yellow = readable(hex("#ffe600"), paper, hex("#000000"), 4.5);
    expect(contrast(yellow, paper)).toBeGreaterThanOrEqual(4.5);
  });

  it("gives every product a pale ground that shows its edge", () => {
    for (const product of ["#101820", "#f5f0e6", "#ffffff", "#b5533c", "#7a1f2b", "#f2c14e"]) {
      const ground = hex(productTint(product));
      expect(luminance(ground)).toBeGreaterThan(0.55);
      expect(contrast(ground, hex(product))).toBeGreaterThan(1.2);
    }
  });

  it("has a ground for a product without a colour", () => {
    expect(parseHex(productTint(null))).toBeDefined();
    expect(productTint("not a colour")).toBe(productTint(undefined));
  });
});
