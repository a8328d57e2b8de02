import { plural } from "../plural";

const seconds = plural("en", { one: "# second left", other: "# seconds left" });

export const en = {
  loading: "One moment, please.",
  offline: "Your phone has no network just now. It tries again by itself.",
  trouble: "That did not work. Please try again in a moment.",
  visit: {
    title: "Carry on at this kiosk?",
    shared: "The kiosk will show your conversation, your cart, your first name and your points until you are done.",
    never: "It cannot pay, and it cannot change your account.",
    front: "Continue only if you stand in front of this screen.",
    known: (name: string) => `You are signed in as ${name}.`,
    nameless: "You are signed in.",
    other: "Use another account",
    unknown: "First tell the shop who you are.",
    continue: "Continue",
    cancel: "Cancel",
    signIn: "Sign in",
    signUp: "Create an account",
  },
  account: {
    signIn: "Sign in",
    signUp: "Create an account",
    name: "Your name",
    phone: "Phone number",
    password: "Password",
    newPassword: "Choose a password",
    show: "Show",
    hide: "Hide",
    toSignUp: "I have no account yet",
    toSignIn: "I have an account",
    back: "Back",
    missing: "Please fill this in.",
  },
  entry: {
    title: "Type the code from the kiosk.",
    label: "Eight letters",
    submit: "Go on",
    wrong: "No kiosk shows this code now. Compare it letter by letter; a fresh one may be there already.",
  },
  digits: {
    title: "Type these digits on the kiosk",
    left: seconds,
    notMe: "This isn’t me",
    why: "Only if you are standing in front of it.",
  },
  live: {
    title: "Signed in at",
    somewhere: "Signed in at the kiosk",
    text: "Your conversation and your cart are on its screen. They leave it when you are done there, when you walk away, or when you end it here.",
    end: "End session",
  },
  ended: {
    title: "Ended",
    done: "You said you were done. Nothing of yours is on the kiosk any more.",
    idle: "The kiosk was quiet for a while, so it cleared its screen.",
    phone: "Nothing of yours is on the kiosk any more.",
    staff: "The shop’s staff ended it. Nothing of yours is on the kiosk any more.",
    time_over: "The longest time for one visit is over.",
    next_customer: "Somebody else came to the kiosk, so it cleared its screen.",
    restart: "The kiosk had to start anew. Nothing of yours is on it any more.",
    unenrolled: "The kiosk is being set up anew. Nothing of yours is on it any more.",
    session_ended: "You ended it somewhere else. Nothing of yours is on the kiosk any more.",
    again: "To carry on, scan the code on the kiosk again.",
  },
  failed: {
    title: "Nothing was shared",
    cancelled: "You cancelled. The kiosk has seen nothing of yours.",
    kiosk_left: "Somebody started over on the kiosk.",
    expired: "The two minutes for this were over.",
    second_phone: "A second phone scanned the same code, so it was stopped to keep you safe.",
    wrong_digits: "Other digits were typed on the kiosk.",
    blocked: "Wrong digits were typed too often. Please wait ten minutes, or ask someone in the shop.",
    replaced: "The kiosk shows a fresh code already.",
    again: "To try again, scan the code on the kiosk.",
  },
  gone: {
    title: "This code is over.",
    text: "A code lives for a few seconds only, so that nobody else can use it. Please scan the one that the kiosk shows now.",
    type: "Type the code instead",
  },
  /** By error code; in English the server's own sentence comes first. */
  errors: {
    invalid_credentials: "Unknown account or wrong password.",
    invalid_phone: "This is not a possible phone number.",
    phone_exists: "There is an account with this phone number already.",
    weak_password: "Please choose a longer password.",
    rate_limited: "That was too often. Please wait a moment.",
    handoff_over: "This code is over. Please scan the one that the kiosk shows now.",
    validation_error: "Please check this.",
    service_unavailable: "The shop’s server cannot answer just now. Please try again in a moment.",
    internal_error: "Something went wrong. Please try again.",
  } as Record<string, string>,
};

/** Every sentence of the phone page. The other languages must have all of them. */
export type PhoneMessages = typeof en;
