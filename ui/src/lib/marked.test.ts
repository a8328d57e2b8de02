import { expect, it } from "vitest";
import { parts } from "./marked";

it("strong words and values stand apart from the rest", () => {
  const found = parts("**Go** to {address}.", { address: "shop.example/k" });
  expect(found.map((part) => part.text)).toEqual(["Go", " to ", "shop.example/k", "."]);
  expect(found.map((part) => part.strong)).toEqual([true, false, true, false]);
});

it("a name without a value stays as it is", () => {
  expect(parts("{who}", {}).map((part) => part.text)).toEqual(["{who}"]);
});
