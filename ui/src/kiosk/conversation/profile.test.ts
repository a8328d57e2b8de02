import { expect, it } from "vitest";
import { choicesOf } from "./profile";

it("what a field says already can be chosen, once", () => {
  const shoes = { field: "shoe_size", waiting: false } as const;
  expect(choicesOf({ ...shoes, value: "42", dispute: null })).toEqual(
    choicesOf({ ...shoes, value: null, dispute: null }),
  );
  expect(choicesOf({ ...shoes, value: "9½", dispute: null }).at(-1)).toBe("9½");
  expect(
    choicesOf({ ...shoes, value: "9½", dispute: { here: "9½" } }).filter((choice) => choice === "9½"),
  ).toHaveLength(1);
  expect(choicesOf({ ...shoes, value: null, dispute: { here: null } })).not.toContain(null);
});
