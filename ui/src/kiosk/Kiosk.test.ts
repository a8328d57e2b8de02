// @vitest-environment jsdom
import type { SimpleKeyboard, SKWindow } from "simple-keyboard";
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { views } from "../gallery/views";
import type { Intent } from "../lib/generated/Intent";
import type { View } from "../lib/generated/View";
import { language } from "../lib/i18n/kiosk/index.svelte";
import Kiosk from "./Kiosk.svelte";

let show: (view: View) => void;
let drawn: number[];
let intents: Intent[];
let page: Record<string, unknown>;

beforeAll(() => {
  // What jsdom lacks of a browser.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
  HTMLElement.prototype.showPopover = () => undefined;
  Element.prototype.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
});

beforeEach(() => {
  drawn = [];
  intents = [];
  page = mount(Kiosk, {
    target: document.body,
    props: {
      shell: {
        watch: (onView: (view: View) => void) => {
          show = onView;
        },
        drawn: (number: number) => drawn.push(number),
        intend: (intent: Intent) => intents.push(intent),
        picture: (path: string) => path,
      },
    },
  });
  flushSync();
});

afterEach(async () => {
  await unmount(page);
  vi.useRealTimers();
});

const find = (selector: string): HTMLElement =>
  document.querySelector<HTMLElement>(selector) ?? expect.fail(`${selector} is on the screen`);
const put = (name: string, more: Partial<View> = {}) => {
  const view = views[name] ?? expect.fail(`${name} is recorded`);
  show({ ...view, ...more });
  flushSync();
};
const press = (action: string) => {
  find(`[data-action="${action}"]`).click();
  flushSync();
};
const sent = () => intents.filter((intent) => intent.kind !== "touched");

it("any view may follow any other, in every language", () => {
  const some = [
    "starting",
    "connecting",
    "enrolling",
    "attract",
    "matching",
    "conversation-idle",
    "staff-pin",
    "staff-desk-unwell",
    "goodbye",
  ];
  for (const from of some)
    for (const to of some) {
      put(from);
      put(to, { locale: "ar" });
      expect(find("[data-screen]").dataset.screen, `${from} to ${to}`).toBe(views[to]?.screen.kind);
      expect(document.querySelectorAll("dialog")).toHaveLength(views[to]?.overlay ? 1 : 0);
    }
  for (const name of Object.keys(views)) put(name);
  for (const locale of ["hi", "es"] as const) for (const name of some) put(name, { locale });
}, 60_000);

it("says which view is on the glass once it is painted", async () => {
  put("attract", { number: 7 });
  await vi.waitFor(() => expect(drawn).toContain(7));
});

it("a view that cannot be drawn gives way to the next one", () => {
  const complaints = vi.spyOn(console, "error").mockImplementation(() => undefined);
  put("conversation");
  const broken = structuredClone(views.conversation) as View;
  Object.assign(broken.screen, { entries: null });
  show(broken);
  flushSync();
  expect(document.querySelector("textarea")).toBeNull();
  put("attract");
  expect(document.querySelector("[data-qr]")).not.toBeNull();
  expect(complaints).toHaveBeenCalledOnce();
  complaints.mockRestore();
});

it("a renewed code changes nothing but the path", () => {
  put("attract");
  const path = find("[data-qr] path");
  const before = path.getAttribute("d");
  put("attract-next");
  expect(find("[data-qr] path")).toBe(path);
  expect(path.getAttribute("d")).not.toBe(before);
});

it("Arabic is written from right to left", () => {
  put("attract", { locale: "ar" });
  expect(document.documentElement.dir).toBe("rtl");
  put("attract");
  expect(document.documentElement.dir).toBe("ltr");
});

describe("number pad", () => {
  it("sends digits from the glass and from a keyboard", () => {
    put("matching");
    press("digit-4");
    put("matching-one");
    expect(find(".slot").textContent).toBe("4");
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "7" }));
    press("erase");
    press("cancel");
    expect(sent()).toEqual([
      { kind: "press_digit", digit: 4 },
      { kind: "press_digit", digit: 7 },
      { kind: "erase_digit" },
      { kind: "cancel_match" },
    ]);
  });

  it("takes no digit while the answer is awaited", () => {
    put("matching-checking");
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "7" }));
    expect(sent()).toEqual([]);
  });
});

describe("conversation", () => {
  it("a product with sizes goes into the cart in the size that was chosen", () => {
    put("conversation");
    find('[data-card="SKU-1082"] [data-action="add-to-cart"]').click();
    flushSync();
    expect(sent()).toEqual([]);
    find('[data-card="SKU-1082"] [data-size="38"]').click();
    expect(sent()).toEqual([{ kind: "add_to_cart", sku: "SKU-1082", options: { size: "38" } }]);
  });

  it("a product of one size goes in at once", () => {
    put("conversation-long-name");
    find('[data-card="SKU-1098"] [data-action="add-to-cart"]').click();
    expect(sent()).toEqual([{ kind: "add_to_cart", sku: "SKU-1098", options: {} }]);
  });

  it("what is typed with the keys of the glass is sent trimmed and then gone", () => {
    put("conversation");
    press("open-keyboard");
    for (const key of ["h", "i", "space"]) find(`[data-key="${key}"]`).click();
    flushSync();
    expect(find("textarea")).toHaveProperty("value", "hi ");
    press("send");
    expect(sent()).toEqual([{ kind: "send_message", text: "hi" }]);
    expect(find("textarea")).toHaveProperty("value", "");
    expect(document.querySelector('[data-testid="keyboard"]')).toBeNull();
  });

  it("every key of the glass has a name and says whether it is held down", () => {
    put("conversation", { locale: "ar" });
    press("open-keyboard");
    const keys = [...document.querySelectorAll<HTMLElement>('[data-testid="keyboard"] button')];
    expect(keys.length).toBeGreaterThan(30);
    for (const key of keys) expect((key.ariaLabel ?? key.textContent)?.trim()).toBeTruthy();
    expect(find('[data-key="shift"]').getAttribute("aria-pressed")).toBe("false");
    find('[data-key="shift"]').focus();
    find('[data-key="shift"]').click();
    flushSync();
    expect(find('[data-key="shift"]').getAttribute("aria-pressed")).toBe("true");
    expect(document.activeElement).toBe(find('[data-key="shift"]'));
    find('[data-key="أ"]').click();
    flushSync();
    expect(find("textarea")).toHaveProperty("value", "أ");
    expect(find('[data-key="shift"]').getAttribute("aria-pressed")).toBe("false");
    press("close-keyboard");
    expect(document.querySelector('[data-testid="keyboard"]')).toBeNull();
  });

  it("a held key erases on, writes no letter twice, and rests with the finger", () => {
    vi.useFakeTimers();
    put("conversation");
    press("open-keyboard");
    for (const key of ["w", "a", "r", "m"]) find(`[data-key="${key}"]`).click();
    const down = (key: string) =>
      find(`[data-key="${key}"]`).dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
    const up = (key: string) => find(`[data-key="${key}"]`).dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
    expect(down("m"), "the field keeps the focus").toBe(false);
    vi.advanceTimersByTime(2000);
    up("m");
    expect(find("textarea")).toHaveProperty("value", "warm");
    down("erase");
    vi.advanceTimersByTime(750);
    up("erase");
    vi.advanceTimersByTime(2000);
    expect(find("textarea")).toHaveProperty("value", "wa");
  });

  it("a plugged-in keyboard shows on the glass and leaves nothing behind", () => {
    put("conversation");
    press("open-keyboard");
    const key = { key: "h", code: "KeyH", bubbles: true };
    find("textarea").dispatchEvent(new KeyboardEvent("keydown", key));
    expect(find('[data-key="h"]').style.background).toBe("var(--ink)");
    expect(find("textarea"), "the browser writes it, and only once").toHaveProperty("value", "");
    find("textarea").dispatchEvent(new KeyboardEvent("keyup", key));
    expect(find('[data-key="h"]').style.background).toBe("");
    for (const letter of ["h", "i"]) find(`[data-key="${letter}"]`).click();
    const kept = Object.values((window as SKWindow).SimpleKeyboardInstances as Record<string, SimpleKeyboard>);
    flushSync();
    expect(kept.map((keyboard) => keyboard.getAllInputs())).toEqual([{ default: "" }]);
    press("send");
    expect((window as SKWindow).SimpleKeyboardInstances).toEqual({});
  });

  it("the cart's pieces grow, shrink and go", () => {
    put("conversation");
    press("cart");
    press("quantity-more");
    press("quantity-less");
    const jacket = { kind: "set_quantity", sku: "SKU-1001", options: { size: "M" } };
    expect(sent()).toEqual([
      { ...jacket, quantity: 2 },
      { ...jacket, quantity: 0 },
    ]);
  });

  it("the customer's sizes are chosen by touch, and cleared", () => {
    put("conversation");
    press("details");
    expect(find('[data-field="shoe_size"] [aria-pressed="true"]').textContent).toBe("41");
    find('[data-field="shoe_size"] [data-choice="42"]').click();
    find('[data-field="fit"] [data-choice="relaxed"]').click();
    find('[data-field="clothing_size"] [data-choice=""]').click();
    expect(sent()).toEqual([
      { kind: "change_profile", field: "shoe_size", value: "42" },
      { kind: "change_profile", field: "fit", value: "relaxed" },
      { kind: "change_profile", field: "clothing_size", value: null },
    ]);
    press("close-profile");
    expect(document.querySelector('[data-testid="profile-sheet"]')).toBeNull();
  });

  it("of two values both are shown, in every language, and the customer takes one", () => {
    for (const locale of ["en", "es", "hi", "ar"] as const) {
      put("conversation-disputed", { locale });
      expect(find("[data-notice]").textContent).toBe(language.say.notice.profileConflict);
      expect(find("[data-action=details]").textContent).toContain(language.say.profile.choose);
      press("details");
      expect(find("[data-testid=dispute]").textContent).toMatch(/42.*43/);
      expect(document.querySelector('[data-field="shoe_size"] [data-choice]'), "there are two choices").toBeNull();
      press("settle-here");
      press("settle-elsewhere");
      press("close-profile");
    }
    expect(sent().slice(0, 2)).toEqual([
      { kind: "settle_profile", field: "shoe_size", here: true },
      { kind: "settle_profile", field: "shoe_size", here: false },
    ]);
  });

  it("what waits for the network says so, and a guest has no details", () => {
    put("conversation-details-offline");
    press("details");
    expect(find('[data-field="fit"]').textContent).toContain(language.say.profile.waiting);
    expect(find('[data-field="shoe_size"]').textContent).not.toContain(language.say.profile.waiting);
    put("conversation-guest");
    expect(document.querySelector('[data-testid="profile-sheet"]')).toBeNull();
    expect(document.querySelector("[data-action=details]")).toBeNull();
  });

  it("another customer's screen has nothing of what the last one typed", () => {
    put("conversation");
    const field = find("textarea") as HTMLTextAreaElement;
    field.value = "secret";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    put("conversation-long-name");
    expect(find("textarea")).toHaveProperty("value", "");
  });

  it("what was made easier is forgotten with the visit", () => {
    put("conversation");
    press("contrast");
    expect(find("[data-screen]").dataset.contrast).toBe("true");
    put("goodbye");
    put("attract");
    expect(find("[data-screen]").dataset.contrast).toBe("false");
  });

  it("nobody answers for a mute button without a sound device", () => {
    put("conversation-silent");
    expect(document.querySelector('[data-action="mute"]')).toBeNull();
  });
});

it("a choice made on the attract screen is forgotten when nobody touches it any more", () => {
  vi.useFakeTimers();
  put("attract");
  press("larger-text");
  window.dispatchEvent(new Event("pointerdown"));
  vi.advanceTimersByTime(60_000);
  flushSync();
  expect(find('[data-action="larger-text"]').getAttribute("aria-pressed")).toBe("false");
});

it("every touch while the voice speaks reaches the program", () => {
  put("conversation-speaking");
  for (let touch = 0; touch < 3; touch += 1) window.dispatchEvent(new Event("pointerdown"));
  expect(intents.filter((intent) => intent.kind === "touched")).toHaveLength(3);
});

describe("the staff's screen", () => {
  it("takes a PIN digit by digit, and none while it is locked", () => {
    put("staff-pin");
    press("pin-7");
    press("pin-erase");
    press("pin-enter");
    expect(sent()).toEqual([{ kind: "press_pin", digit: 7 }, { kind: "erase_pin" }, { kind: "enter_pin" }]);
    put("staff-pin-locked");
    expect(find("[data-action=pin-7]")).toHaveProperty("disabled", true);
    expect(find("[data-testid=pin-answer]").textContent).toContain("54");
  });

  it("shows what is wrong with its reason, in every language", () => {
    for (const locale of ["en", "es", "hi", "ar"] as const) {
      put("staff-desk-unwell", { locale });
      const { codes } = language.say.staff;
      expect(find("[data-fact=wedged]").textContent).toContain(codes.product_not_found);
      expect(find("[data-fact=outbox]").textContent).toContain(codes.server_unreachable);
      expect(find("[data-overlay=staff_desk]").textContent).not.toMatch(/[a-z]+_[a-z]+/);
      expect(find("[data-fact=key-store]").textContent).toContain("Secret Service");
      expect(document.querySelector("[data-overlay=staff_desk]")?.textContent).not.toContain("undefined");
    }
  });

  it("ends a visit at once, and starts anew only for who is sure", () => {
    put("staff-desk-unwell");
    press("end-visit");
    press("restart");
    expect(sent()).toEqual([{ kind: "end_visit" }]);
    press("restart-sure");
    expect(sent().at(-1)).toEqual({ kind: "start_anew" });
    put("staff-desk");
    expect(document.querySelector("[data-action=end-visit]")).toBeNull();
  });

  it("a product is looked up with the keys of the glass, letter by letter", () => {
    put("staff-desk");
    press("look-up");
    put("look-up");
    for (const key of ["s", "h"]) find(`[data-key="${key}"]`).click();
    flushSync();
    press("clear-look-up");
    put("look-up-found");
    press("leave-look-up");
    const texts = ["", "s", "sh", ""].map((text) => ({ kind: "look_up", text }));
    expect(sent()).toEqual([...texts, { kind: "leave_look_up" }]);
  });

  it("a product that was found has its price, its sizes and its pieces, in every language", () => {
    for (const locale of ["en", "es", "hi", "ar"] as const) {
      put("look-up-found", { locale });
      const said = (sku: string) => find(`[data-found="${sku}"]`).textContent ?? "";
      expect(said("SKU-1085")).toMatch(/Trail Knit.*SKU-1085.*36 · 37.*41.*3,?450/s);
      expect(said("SKU-1039")).toContain(language.say.staff.lookUp.uncounted);
      expect(said("SKU-1098")).toContain(language.say.staff.lookUp.everywhere(0));
      expect(find("[data-testid=told]").textContent).toContain("6");
      expect(find("[data-testid=as-of]").textContent).toMatch(/2|ساعتين/);
      expect(find("[data-overlay=staff_desk]").textContent).not.toContain("undefined");
    }
  });

  it("says why nothing is found", () => {
    put("attract");
    for (const [name, why] of [
      ["look-up", ""],
      ["look-up-nothing", language.say.staff.lookUp.found(0)],
      ["look-up-not-copied", language.say.staff.lookUp.notCopied],
      ["look-up-unreadable", language.say.staff.lookUp.unreadable],
    ] as const) {
      put(name);
      expect(find("[data-testid=told]").textContent).toBe(why);
      expect(document.querySelector("[data-found]")).toBeNull();
    }
    put("look-up-more");
    expect(find("[data-overlay=staff_desk]").textContent).toContain(language.say.staff.lookUp.copying);
  });

  it("the next look at the desk has nothing of what was typed before", () => {
    put("look-up-found");
    expect(find("[data-testid=look-up]")).toHaveProperty("value", "sh");
    put("staff-desk");
    put("look-up");
    expect(find("[data-testid=look-up]")).toHaveProperty("value", "");
    put("attract");
    expect(document.querySelector("[data-testid=look-up]")).toBeNull();
  });
});

it("says what goes on without the server, to a guest and to a customer", () => {
  const away = language.say.talk.away;
  put("conversation-guest-offline");
  expect(find(".offline").textContent).toBe(away.guest);
  expect(document.querySelector(".delivery"), "the kiosk has answered, so nothing waits").toBeNull();
  const ages = [...document.querySelectorAll("[data-stock-as-of]")].map((age) => age.textContent);
  expect(ages).toHaveLength(3);
  expect(ages[0]).toMatch(/^Stock as of .*\d{1,2}:\d\d$/);
  put("conversation-offline");
  expect(find(".offline").textContent).toBe(away.customer);
  expect(document.querySelectorAll(".delivery")).toHaveLength(2);
  put("conversation");
  expect(document.querySelector(".offline, [data-stock-as-of]")).toBeNull();
});

it("a picture that cannot be had gives way to a drawing until the server is back", () => {
  const view = views["conversation-guest-offline"] ?? expect.fail("it is recorded");
  const at = (online: boolean) => {
    show({ ...view, frame: { ...view.frame, online } });
    flushSync();
  };
  at(false);
  const picture = find("[data-card] img") as HTMLImageElement;
  const wanted = picture.src;
  picture.dispatchEvent(new Event("error"));
  expect(picture.src).toContain("no-picture");
  picture.dispatchEvent(new Event("error"));
  at(false);
  expect(picture.src).toContain("no-picture");
  at(true);
  expect(picture.src).toBe(wanted);
});
