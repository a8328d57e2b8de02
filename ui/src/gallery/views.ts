import type { CartLineView } from "../lib/generated/CartLineView";
import type { CartView } from "../lib/generated/CartView";
import type { EntryView } from "../lib/generated/EntryView";
import type { FeaturedProduct } from "../lib/generated/FeaturedProduct";
import type { FoundProduct } from "../lib/generated/FoundProduct";
import type { Frame } from "../lib/generated/Frame";
import type { KioskHealth } from "../lib/generated/KioskHealth";
import type { LookUpAnswer } from "../lib/generated/LookUpAnswer";
import type { Overlay } from "../lib/generated/Overlay";
import type { ProductCard } from "../lib/generated/ProductCard";
import type { ProfileFieldView } from "../lib/generated/ProfileFieldView";
import type { Screen } from "../lib/generated/Screen";
import type { Theme } from "../lib/generated/Theme";
import type { View } from "../lib/generated/View";
import type { Who } from "../lib/generated/Who";
import { codes } from "./codes";

export const themes = {
  warm: { accent: "#1f4d3f", accent_ink: "#ffffff", paper: "#faf7f0", ink: "#1c1b19" },
  neon: { accent: "#39ff14", accent_ink: "#000000", paper: "#0b0b0c", ink: "#f4f4f2" },
  pastel: { accent: "#e86a92", accent_ink: "#ffffff", paper: "#fff5f9", ink: "#43324d" },
} satisfies Record<string, Theme>;

const shoeSizes = ["36", "37", "38", "39", "40", "41", "42", "43", "44", "45"];
const clothSizes = ["XS", "S", "M", "L", "XL", "XXL"];

const stock = {
  jacket: ["SKU-1001", "Quilted Field Jacket", "Pine", "#2f4a43", 529_000, clothSizes],
  dress: ["SKU-1054", "Terrace Dress", "Terracotta", "#b8503c", 349_000, ["XS", "S", "M", "L", "XL"]],
  derby: ["SKU-1077", "Hill Walk Derby", "Tan", "#a8713a", 379_000, ["40", "41", "42", "43", "44", "45"]],
  court: ["SKU-1082", "Court Low", "Chalk", "#f0ebe0", 295_000, shoeSizes],
  trail: ["SKU-1085", "Trail Knit", "Rust", "#b8503c", 345_000, shoeSizes],
  bag: ["SKU-1098", "Atelier Handbag", "Bottle Green", "#2f5d50", 649_000, ["One size"]],
  scarf: ["SKU-1103", "Bonfire Scarf", "Red Check", "#a63d40", 149_900, []],
  shirt: ["SKU-1026", "Dock Denim Shirt", "Washed Indigo", "#56759c", 219_900, clothSizes],
  kurta: ["SKU-1039", "Utsav Anarkali Kurta of Hand-loomed Cotton", "Teal", "#1f6c6c", 389_000, ["S", "M", "L"]],
} satisfies Record<string, [string, string, string, string, number, string[]]>;

type Piece = keyof typeof stock;
const image = (sku: string) => `/images/${sku}.svg`;

function card(piece: Piece, more: Partial<ProductCard> = {}): ProductCard {
  const [sku, name, color, color_hex, price_minor, sizes] = stock[piece];
  return {
    type: "product",
    sku,
    name,
    price: price_minor / 100,
    price_minor,
    currency: "INR",
    image: image(sku),
    image_url: image(sku),
    description: "",
    personalized_reason: null,
    gift_message: null,
    gift_suitability: null,
    brand: "Tindrel",
    color,
    color_hex,
    sizes,
    in_this_store: null,
    ...more,
  };
}

function line(piece: Piece, quantity: number, options: Record<string, string> = {}): CartLineView {
  const [sku, name, , , price_minor] = stock[piece];
  return { sku, name, image: image(sku), options, quantity, price_minor, price_changed: false };
}

function cart(lines: CartLineView[]): CartView {
  return {
    lines,
    quantity: lines.reduce((sum, one) => sum + one.quantity, 0),
    total_minor: lines.reduce((sum, one) => sum + one.quantity * one.price_minor, 0),
    currency: "INR",
  };
}

const featured: FeaturedProduct[] = (["jacket", "dress", "trail"] as const).map((piece) => {
  const [sku, name, , color_hex] = stock[piece];
  return { sku, name, image: image(sku), color_hex };
});

let keys = 0;
function entry(
  sender: EntryView["sender"],
  text: string,
  minutesAgo: number,
  more: Partial<EntryView> = {},
): EntryView {
  keys += 1;
  return {
    key: `entry-${keys}`,
    sender,
    text,
    channel: "kiosk",
    at: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
    delivery: "sent",
    cards: [],
    stock_as_of: null,
    ...more,
  };
}

const YESTERDAY = 26 * 60;
const asha: Who = { kind: "customer", first_name: "Asha", loyalty_tier: "Silver", loyalty_points: 1211 };

const talkSoFar: EntryView[] = [
  entry("user", "Looking for something warm for Shimla, not too bulky", YESTERDAY, { channel: "whatsapp" }),
  entry(
    "agent",
    "The quilted field jacket in pine would do well at 5 °C, and it packs small. Shall I keep an M for you at Linking Road?",
    YESTERDAY - 1,
    { channel: "whatsapp" },
  ),
  entry("user", "yes please, and shoes to go with it under 4000", 2),
  entry(
    "agent",
    "Your M is at the counter. With pine I would take tan or off-white; these three are here in your size.",
    1,
    {
      cards: [
        card("derby", { personalized_reason: "goes with your jacket" }),
        card("court", { personalized_reason: "bought by Silver members" }),
        card("trail", { in_this_store: 2 }),
      ],
    },
  ),
];

const cartOfTwo = cart([line("jacket", 1, { size: "M" }), line("shirt", 1, { size: "M" })]);

const sizes: ProfileFieldView[] = [
  { field: "clothing_size", value: "M", waiting: false, dispute: null },
  { field: "shoe_size", value: "41", waiting: false, dispute: null },
  { field: "fit", value: null, waiting: false, dispute: null },
];

const disputed: ProfileFieldView[] = sizes.map((shown) =>
  shown.field === "shoe_size" ? { ...shown, value: "43", dispute: { here: "42" } } : shown,
);

const kept: ProfileFieldView[] = sizes.map((shown) =>
  shown.field === "fit" ? { ...shown, value: "relaxed", waiting: true } : shown,
);

function talk(more: Partial<Extract<Screen, { kind: "conversation" }>> = {}): Screen {
  return {
    kind: "conversation",
    who: asha,
    entries: talkSoFar,
    cart: cartOfTwo,
    profile: sizes,
    thinking: false,
    ...more,
  };
}

const attract = (more: Partial<Extract<Screen, { kind: "attract" }>> = {}): Screen => ({
  kind: "attract",
  code: codes[0],
  featured,
  ...more,
});

const frame: Frame = {
  shop_name: "Maren & Co",
  theme: themes.warm,
  languages: ["en", "hi", "es", "ar"],
  store_name: "Linking Road",
  opening_hours: "10:30–21:30",
  online: true,
  voice: { available: true, muted: false, speaking: false },
};

function view(screen: Screen, more: Partial<Omit<View, "frame">> & { frame?: Partial<Frame> } = {}): View {
  const { frame: changed, ...rest } = more;
  return { number: 1, locale: "en", frame: { ...frame, ...changed }, screen, overlay: null, notice: null, ...rest };
}

const longTalk = Array.from({ length: 100 }, (_, index) => [
  entry("user", `Question ${index + 1}: do you have this in another colour?`, 300 * (100 - index), { channel: "web" }),
  entry(
    "agent",
    `Yes. There are ${index + 2} of them, and some are cut a little wider than the first.`,
    300 * (100 - index),
    {
      channel: "web",
      cards: index % 20 === 0 ? [card("derby")] : [],
    },
  ),
]).flat();

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

const health: KioskHealth = {
  at: minutesAgo(0),
  version: "0.1.0",
  server: "http://192.168.1.20:7070",
  key_store: "Secret Service (the session's keyring)",
  stream: { state: "up", since: minutesAgo(190), last_event_at: minutesAgo(2) },
  outbox: {
    readable: true,
    waiting: 0,
    oldest: null,
    in_memory: 0,
    unreadable: 0,
    attempts: 0,
    failing_with: null,
    next_try_at: null,
    held_up: [],
    wedged: [],
  },
  catalogue: {
    readable: true,
    complete: true,
    products: 48_210,
    copied: 48_210,
    total: 48_210,
    as_of: minutesAgo(3),
    failing_with: null,
  },
  set_aside: [],
  problems: [],
};

const copying: KioskHealth = {
  ...health,
  catalogue: { ...health.catalogue, complete: false, products: 17_500, copied: 17_500, as_of: null },
};

const unwell: KioskHealth = {
  ...health,
  stream: { state: "down", since: minutesAgo(18), last_event_at: minutesAgo(19) },
  outbox: {
    ...health.outbox,
    waiting: 12,
    oldest: minutesAgo(17),
    attempts: 9,
    failing_with: "server_unreachable",
    next_try_at: minutesAgo(-0.5),
    held_up: [{ attempts: 4, code: "internal_error", next_try_at: minutesAgo(-1) }],
    wedged: [
      { key: "0192f0c1-0000-7000-8000-000000000001", made_at: minutesAgo(200), code: "product_not_found" },
      { key: "0192f0c1-0000-7000-8000-000000000002", made_at: minutesAgo(26 * 60), code: "validation_error" },
    ],
  },
  catalogue: { ...health.catalogue, as_of: minutesAgo(18), failing_with: "server_unreachable" },
  set_aside: [
    { file: "/home/kiosk/.local/share/vitrine/outbox.db.damaged-1767225600000", at: minutesAgo(3 * 24 * 60) },
  ],
  problems: [
    { part: "stream", code: "server_unreachable", times: 31, at: minutesAgo(0.2) },
    { part: "push", code: "server_unreachable", times: 9, at: minutesAgo(1) },
    { part: "disk", code: "data_folder_not_writable", times: 1, at: minutesAgo(75) },
  ],
};

function found(piece: Piece, in_this_store: number | null, everywhere: number): FoundProduct {
  const [sku, name, color, color_hex, price_minor, sizes] = stock[piece];
  const as_of = minutesAgo(130);
  const product = { sku, name, image: image(sku), price_minor, currency: "INR", color, color_hex, sizes };
  return { ...product, in_this_store, everywhere, as_of };
}

const lookUp = (text: string, answer: LookUpAnswer | null): Partial<View> => {
  const overlay: Overlay = { kind: "staff_desk", health, visit: false, look_up: { text, answer } };
  return { overlay };
};

const shelf = [
  found("trail", 2, 41),
  found("court", 1, 12),
  found("derby", 0, 3),
  found("kurta", null, 7),
  found("scarf", 118, 2_304),
  found("bag", 0, 0),
];

/** Recorded views, for design work: the pages must draw each of them, after any other. */
export const views: Record<string, View> = {
  starting: view({ kind: "starting" }, { frame: { shop_name: "" } }),
  connecting: view(
    { kind: "connecting", problem: "server_unreachable", about: "http://192.168.1.20:7070", retry_in: 8 },
    { frame: { online: false } },
  ),
  "connecting-person": view(
    { kind: "connecting", problem: "key_store_locked", about: "Secret Service of user kiosk", retry_in: null },
    { frame: { online: false } },
  ),
  enrolling: view({ kind: "enrolling", code: "WQDK-RTMP", server: "http://192.168.1.20:7070" }),
  "enrolling-wait": view({ kind: "enrolling", code: null, server: "http://192.168.1.20:7070" }),
  attract: view(attract()),
  "attract-next": view(attract({ code: codes[1] })),
  "attract-fresh": view(attract({ code: null })),
  "attract-offline": view(attract({ code: null }), { frame: { online: false } }),
  "attract-bare": view(attract({ featured: [] }), {
    frame: { store_name: null, opening_hours: null, languages: ["en"] },
  }),
  "attract-one": view(attract({ featured: featured.slice(0, 1) })),
  "attract-two": view(attract({ featured: featured.slice(0, 2) })),
  "attract-notice": view(attract(), { notice: { kind: "handoff_over", reason: "second_phone" } }),
  matching: view({ kind: "matching", typed: 0, checking: false }),
  "matching-one": view({ kind: "matching", typed: 1, checking: false }),
  "matching-checking": view({ kind: "matching", typed: 2, checking: true }),
  conversation: view(talk()),
  "conversation-idle": view(talk(), { overlay: { kind: "idle_warning", seconds_left: 17 } }),
  "conversation-added": view(talk(), { notice: { kind: "added_to_cart" } }),
  "conversation-thinking": view(
    talk({ entries: [...talkSoFar, entry("user", "Do the derbies run small?", 0)], thinking: true }),
  ),
  "conversation-speaking": view(talk(), { frame: { voice: { available: true, muted: false, speaking: true } } }),
  "conversation-muted": view(talk(), { frame: { voice: { available: true, muted: true, speaking: false } } }),
  "conversation-silent": view(talk(), { frame: { voice: { available: false, muted: false, speaking: false } } }),
  "conversation-offline": view(
    talk({
      entries: [
        ...talkSoFar,
        entry("user", "Do you have the court low in navy?", 0, { delivery: "waiting" }),
        entry("user", "…", 0, { delivery: "refused" }),
      ],
    }),
    { frame: { online: false } },
  ),
  "conversation-disputed": view(talk({ profile: disputed }), { notice: { kind: "profile_conflict" } }),
  "conversation-details-offline": view(talk({ profile: kept }), { frame: { online: false } }),
  "conversation-guest-offline": view(
    talk({
      who: { kind: "guest" },
      profile: null,
      entries: [
        entry("user", "Do you have white shoes under 4000?", 1, { delivery: "kept" }),
        entry("agent", "Three of ours fit. The Court Low in chalk costs ₹2,950.", 1, {
          delivery: "kept",
          cards: [
            card("court", { personalized_reason: "2 left in this store", in_this_store: 2 }),
            card("derby", { in_this_store: 7 }),
            card("trail", { personalized_reason: "Not in this store just now", in_this_store: 0 }),
          ],
          stock_as_of: minutesAgo(3 * 60),
        }),
      ],
      cart: cart([line("court", 1, { size: "42" })]),
    }),
    { frame: { online: false } },
  ),
  "conversation-guest-offline-empty": view(
    talk({ who: { kind: "guest" }, entries: [], cart: cart([]), profile: null }),
    {
      frame: { online: false },
    },
  ),
  "conversation-guest-offline-thinking": view(
    talk({
      who: { kind: "guest" },
      profile: null,
      entries: [entry("user", "Do you have white shoes under 4000?", 0, { delivery: "kept" })],
      cart: cart([]),
      thinking: true,
    }),
    { frame: { online: false } },
  ),
  "conversation-guest": view(talk({ who: { kind: "guest" }, entries: [], cart: cart([]), profile: null })),
  "conversation-long-name": view(
    talk({
      who: {
        kind: "customer",
        first_name: "Venkatanarasimharajuvaripeta Rao",
        loyalty_tier: "Platinum",
        loyalty_points: 1_284_450,
      },
      entries: [
        ...talkSoFar,
        entry("agent", "One present, and one that took its time to be woven.", 0, {
          cards: [card("bag", { gift_message: "For somebody who carries everything" }), card("kurta")],
        }),
      ],
      cart: cart([line("scarf", 1)]),
    }),
  ),
  "conversation-forty": view(
    talk({
      cart: cart(
        Array.from({ length: 40 }, (_, index) =>
          index % 2 === 0
            ? { ...line("kurta", index + 1, { size: `S${index}` }), price_changed: index === 2 }
            : line("trail", 2, { size: `${20 + index}` }),
        ),
      ),
    }),
  ),
  "conversation-200": view(talk({ entries: longTalk })),
  "staff-pin": view(attract(), { overlay: { kind: "staff_pin", typed: 3, checking: false, answer: null } }),
  "staff-pin-wrong": view(attract(), {
    overlay: { kind: "staff_pin", typed: 0, checking: false, answer: { kind: "wrong" } },
  }),
  "staff-pin-locked": view(talk(), {
    overlay: { kind: "staff_pin", typed: 0, checking: false, answer: { kind: "locked", seconds_left: 54 } },
  }),
  "staff-pin-unset": view(attract(), {
    overlay: { kind: "staff_pin", typed: 0, checking: false, answer: { kind: "unset" } },
  }),
  "staff-desk": view(attract(), { overlay: { kind: "staff_desk", health, visit: false, look_up: null } }),
  "staff-desk-copying": view(attract(), {
    overlay: { kind: "staff_desk", health: copying, visit: false, look_up: null },
  }),
  "staff-desk-unwell": view(talk(), { overlay: { kind: "staff_desk", health: unwell, visit: true, look_up: null } }),
  "look-up": view(attract(), lookUp("", { kind: "found", products: [], more: false, complete: true })),
  "look-up-found": view(attract(), lookUp("sh", { kind: "found", products: shelf, more: false, complete: true })),
  "look-up-more": view(attract(), lookUp("s", { kind: "found", products: shelf, more: true, complete: false })),
  "look-up-nothing": view(attract(), lookUp("zeppelin", { kind: "found", products: [], more: false, complete: true })),
  "look-up-not-copied": view(attract(), lookUp("", { kind: "not_copied" })),
  "look-up-unreadable": view(attract(), lookUp("kurta", { kind: "unreadable" })),
  goodbye: view({ kind: "goodbye", reason: "done", guest: false }),
  "goodbye-guest": view({ kind: "goodbye", reason: "done", guest: true }),
  "goodbye-idle": view({ kind: "goodbye", reason: "idle", guest: false }),
};
