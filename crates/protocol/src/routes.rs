//! Addresses of the session server, for the server, its clients and tests.

/// Documented.
pub const HEALTH: &str = "/health";
/// `GET`: 200 while the server can do its work, 503 while it cannot or is about to stop.
pub const READY: &str = "/ready";
/// `GET`: figures for monitoring, as Prometheus reads them.
pub const METRICS: &str = "/metrics";
/// `GET`: the description of this API (OpenAPI 3.1).
pub const OPENAPI: &str = "/openapi.json";
/// `GET`: a page that shows the description.
pub const DOCS: &str = "/docs";
/// `GET`: what that page loads.
pub const DOCS_PART: &str = "/docs/{file}";
/// Documented.
pub const SESSION_START: &str = "/session/start";
/// Documented.
pub const SESSION_LOGIN: &str = "/session/login";
/// Documented: what an agent remembers. `{session_id}` is filled in.
pub const SESSION_CONTEXT: &str = "/session/{session_id}/context";
/// Documented. `{session_id}` is filled in.
pub const SESSION_SUMMARY: &str = "/session/{session_id}/summary";
/// Documented. `{session_id}` is filled in.
pub const SESSION_RECOMMENDATIONS: &str = "/session/{session_id}/recommendations";
/// Documented. `{session_id}` is filled in.
pub const SESSION_CART: &str = "/session/{session_id}/cart";
/// Documented.
pub const SESSION_RESTORE: &str = "/session/restore";
/// Documented.
pub const SESSION_UPDATE: &str = "/session/update";
/// Documented.
pub const SESSION_END: &str = "/session/end";
/// Documented.
pub const AUTH_HEALTH: &str = "/auth/health";
/// Documented.
pub const AUTH_SIGNUP: &str = "/auth/signup";
/// Documented.
pub const AUTH_LOGIN: &str = "/auth/login";
/// Documented.
pub const AUTH_LOGOUT: &str = "/auth/logout";
/// Documented.
pub const AUTH_QR_INIT: &str = "/auth/qr-init";
/// Documented.
pub const AUTH_QR_VERIFY: &str = "/auth/qr-verify";
/// `GET`: the shop.
pub const SHOP: &str = "/v1/shop";
/// Documented.
pub const STORES: &str = "/stores";
/// Documented.
pub const PRODUCTS: &str = "/products";
/// Documented.
pub const PRODUCT: &str = "/products/{sku}";
/// Documented.
pub const MESSAGE: &str = "/api/message";
/// Documented.
pub const VISUAL_SEARCH: &str = "/api/visual-search";
/// Documented.
pub const RECOMMEND: &str = "/recommend";
/// Documented.
pub const INVENTORY: &str = "/inventory";
/// Documented.
pub const INVENTORY_OF: &str = "/inventory/{sku}";
/// Documented.
pub const HOLD: &str = "/hold";
/// Documented.
pub const RELEASE: &str = "/release";
/// Documented.
pub const SIMULATE_SALE: &str = "/simulate/sale";
/// Documented.
pub const CUSTOMERS: &str = "/customers";
/// Documented.
pub const CUSTOMER: &str = "/customers/{customer_id}";
/// Documented.
pub const ORDERS: &str = "/orders";
/// Documented.
pub const ORDER: &str = "/orders/{order_id}";
/// Documented.
pub const PAYMENTS: &str = "/payments";
/// Documented: place an order.
pub const CHECKOUT: &str = "/api/checkout";
/// Documented, for payments services: what became of a payment.
pub const POST_PAYMENT: &str = "/api/post-payment";
/// Documented.
pub const LOYALTY_POINTS: &str = "/loyalty/points/{user_id}";
/// Documented.
pub const LOYALTY_TIER: &str = "/loyalty/tier/{user_id}";
/// Documented.
pub const LOYALTY_ADD_POINTS: &str = "/loyalty/add-points";
/// Documented.
pub const LOYALTY_EARN: &str = "/loyalty/earn-from-purchase";
/// Documented.
pub const LOYALTY_COUPON: &str = "/loyalty/validate-coupon/{code}";
/// Documented.
pub const LOYALTY_APPLY: &str = "/loyalty/apply";
/// Documented.
pub const LOYALTY_CHECK_PROMOTIONS: &str = "/loyalty/check-promotions";
/// Documented.
pub const LOYALTY_ACTIVE_PROMOTIONS: &str = "/loyalty/active-promotions";
/// The same under the name that some clients know.
pub const LOYALTY_AVAILABLE_PROMOTIONS: &str = "/loyalty/available-promotions";
/// Documented.
pub const LOYALTY_CALCULATE_POINTS: &str = "/loyalty/calculate-points";
/// Documented.
pub const LOYALTY_CALCULATE_DISCOUNTS: &str = "/loyalty/calculate-discounts";
/// Documented.
pub const ACCOUNT_HEALTH: &str = "/api/health";
/// Documented: make an account and sign in.
pub const ACCOUNT_REGISTER: &str = "/api/auth/register";
/// Documented: sign in.
pub const ACCOUNT_LOGIN: &str = "/api/auth/login";
/// Documented: sign out.
pub const ACCOUNT_LOGOUT: &str = "/api/auth/logout";
/// Documented: who is signed in.
pub const ACCOUNT_ME: &str = "/api/auth/me";
/// Documented: `GET` and `PATCH`.
pub const ACCOUNT_PROFILE: &str = "/api/users/profile";
/// Documented: `PUT`; `PATCH` is the same.
pub const ACCOUNT_PREFERENCES: &str = "/api/users/preferences";
/// Documented.
pub const ACCOUNT_CHANGE_PASSWORD: &str = "/api/users/change-password";
/// `POST`: have a link mailed that resets the password.
pub const PASSWORD_RESET: &str = "/v1/account/password-reset";
/// `POST`: set a new password with that link.
pub const PASSWORD_RESET_CONFIRM: &str = "/v1/account/password-reset/confirm";
/// `POST`: have the link that verifies the own address mailed once more.
pub const EMAIL_VERIFICATION: &str = "/v1/account/email/verification";
/// `POST`: verify an address with that link.
pub const EMAIL_CONFIRM: &str = "/v1/account/email/confirm";
/// The page that a mailed link opens; the token follows the `#`. Without one it asks where to mail a link to.
pub const PASSWORD_RESET_PAGE: &str = "/account/reset";
/// The page that a mailed link opens; the token follows the `#`.
pub const EMAIL_CONFIRM_PAGE: &str = "/account/verify";
/// `POST`: a first password, for somebody without one who was proved in another way.
pub const ACCOUNT_FIRST_PASSWORD: &str = "/v1/account/password";
/// Documented: spoken conversations of the account.
pub const ACCOUNT_HISTORY: &str = "/api/users/history";
/// Documented: one of them.
pub const ACCOUNT_HISTORY_ENTRY: &str = "/api/users/history/{session_id}";
/// Documented: end a spoken conversation and keep it.
pub const ACCOUNT_SAVE_SESSION: &str = "/api/users/sessions/save";
/// Documented, for servers: whose cookie is this.
pub const VALIDATE_SESSION: &str = "/api/internal/validate-session";
/// Documented, for the voice agent: what was said.
pub const INGEST: &str = "/api/ingest";
/// Documented: a token for a room of the media server.
pub const VOICE_TOKEN: &str = "/token";
/// Documented: `POST`, begin a spoken conversation.
pub const VOICE_START: &str = "/session";
/// Documented: `DELETE`, stop it.
pub const VOICE_STOP: &str = "/session/{session_id}";
/// Documented: the transcript while it is spoken, over a WebSocket; `?after=` skips.
pub const TRANSCRIPT: &str = "/ws/transcript/{session_id}";
/// Documented, for staff: figures about the voice agent.
pub const DIAGNOSTICS: &str = "/diagnostics";
/// `GET`, for the voice agent: how to hold a conversation. `{id}` is that of the conversation or its room.
pub const VOICE_BRIEFING: &str = "/v1/voice/sessions/{id}";
/// `PUT`, for the voice agent: it is there.
pub const VOICE_AGENT: &str = "/v1/voice/agent";
/// Documented, for managers: every spoken conversation.
pub const VOICE_SESSIONS: &str = "/api/sessions";
/// Documented, for managers: everything said.
pub const UTTERANCES: &str = "/api/utterances";

/// Documented: `GET`, `PUT` and `PATCH`; the id may be `me`.
pub const PROFILE: &str = "/consumers/{id}/profile";
/// Documented: `PATCH`.
pub const PROFILE_LOCATION: &str = "/consumers/{id}/location";
/// Documented: what the customer asked for.
pub const PROFILE_REQUESTS: &str = "/consumers/{id}/requests";
/// Begin as a guest: `POST`.
pub const GUESTS: &str = "/v1/guests";
/// Bring what a guest did into the account: `POST`.
pub const PROFILE_LINK: &str = "/consumers/me/link";

/// Documented: `POST`, one turn of a conversation.
pub const CHAT: &str = "/chat";
/// Documented: an answer that takes its time.
pub const CHAT_TASK: &str = "/chat/task/{task_id}";
/// Documented: `POST`, a photo or video in JSON.
pub const MEDIA_UPLOAD: &str = "/media/upload";
/// Documented: `POST`, a photo or video as a form.
pub const MEDIA_UPLOAD_FILE: &str = "/media/upload-file";
/// Documented: `GET` with the file's name, `DELETE` with its id.
pub const MEDIA: &str = "/media/{file}";
/// Documented: Socket.IO.
pub const CHAT_SOCKET: &str = "/ws/socket.io";

/// Documented, for verified staff.
pub const LEADS: &str = "/requests";
/// Documented: `GET` for verified staff, `PATCH` for the customer.
pub const LEAD: &str = "/requests/{id}";
/// Documented, for verified staff: `PUT`.
pub const LEAD_VIEW: &str = "/requests/{id}/view";
/// Documented, for the customer: `POST`.
pub const LEAD_CANCEL: &str = "/requests/{id}/cancel";
/// Ask staff for something: `POST`.
pub const SERVICE_REQUESTS: &str = "/v1/requests";
/// For verified staff: `PUT`, answer it or take it on.
pub const SERVICE_REQUEST_STATUS: &str = "/v1/requests/{id}/status";
/// Documented: `POST`.
pub const STAFF_ENROLMENT_START: &str = "/enrollment/start";
/// Documented: `GET` and `PATCH`.
pub const STAFF_ENROLMENT: &str = "/enrollment/{id}";
/// Documented: `POST`.
pub const STAFF_ENROLMENT_SUBMIT: &str = "/enrollment/{id}/submit";
/// For managers: `GET` the enrolments, `?status=` of one kind.
pub const STAFF_ENROLMENTS: &str = "/v1/enrollments";
/// For managers: `POST`, this person is staff.
pub const STAFF_ENROLMENT_VERIFY: &str = "/v1/enrollments/{id}/verify";
/// For managers: `POST`, this person is not, or no longer.
pub const STAFF_ENROLMENT_REJECT: &str = "/v1/enrollments/{id}/reject";

/// Product pictures: `GET /images/{file}`.
pub const IMAGES: &str = "/images";
/// One product picture.
pub const IMAGE: &str = "/images/{file}";

/// Where a phone lands after scanning: `GET /K/{code}`. Upper case, because a QR code stores that densely.
pub const PHONE_PAGE: &str = "/K";
/// The same with the code.
pub const PHONE_PAGE_WITH_CODE: &str = "/K/{code}";
/// Where a customer without a camera types the eight letters: `GET /k`.
pub const PHONE_TYPED_PAGE: &str = "/k";
/// What the page loads.
pub const PHONE_ASSET: &str = "/phone/assets/{*path}";

/// `POST` with a proof: ask for an enrolment code.
pub const DEVICE_ENROLMENTS: &str = "/v1/devices/enrolments";
/// `GET` with a proof: what the server knows about this device.
pub const DEVICE_SELF: &str = "/v1/devices/me";

/// `POST` with a proof: open a handoff.
pub const HANDOFFS: &str = "/v1/handoffs";
/// `DELETE` with a proof: the kiosk gives a handoff up. `{handoff_id}` is filled in.
pub const HANDOFF: &str = "/v1/handoffs/{handoff_id}";
/// `POST` with a proof: the two digits.
pub const HANDOFF_MATCH: &str = "/v1/handoffs/{handoff_id}/match";

/// `POST` from a phone: look at a code and take a visit ticket for it.
pub const PHONE_VISITS: &str = "/v1/phone/visits";
/// `GET` from a phone: who is signed in here.
pub const PHONE_ME: &str = "/v1/phone/me";
/// `POST` from a phone.
pub const PHONE_SIGN_IN: &str = "/v1/phone/sign-in";
/// `POST` from a phone.
pub const PHONE_SIGN_UP: &str = "/v1/phone/sign-up";
/// `POST` from a phone.
pub const PHONE_SIGN_OUT: &str = "/v1/phone/sign-out";
/// `POST` from a phone: the address of a sign-in provider's page, to go on there. `{provider}` is filled in.
pub const PHONE_PROVIDER_START: &str = "/v1/phone/providers/{provider}/start";
/// `GET` from a phone: back from there.
pub const PHONE_PROVIDER_CALLBACK: &str = "/v1/phone/providers/{provider}/callback";
/// `POST` from a phone: continue on the kiosk.
pub const PHONE_CLAIMS: &str = "/v1/phone/claims";
/// `GET` from a phone: server-sent events of one claim, each a `ClaimState`.
pub const PHONE_CLAIM_EVENTS: &str = "/v1/phone/claims/{claim_id}/events";
/// `POST` from a phone: this is not me.
pub const PHONE_CLAIM_CANCEL: &str = "/v1/phone/claims/{claim_id}/cancel";
/// `POST` from a phone: end the session on the kiosk.
pub const PHONE_CLAIM_END: &str = "/v1/phone/claims/{claim_id}/end";

/// `POST` with a proof: a guest session for this kiosk.
pub const KIOSK_GUEST: &str = "/v1/kiosk/guest";
/// `GET` with a proof and the kiosk's token: a snapshot of the session.
pub const KIOSK_SESSION: &str = "/v1/kiosk/session";
/// `POST` with a proof: changes from the kiosk's outbox.
pub const SYNC_PUSH: &str = "/v1/sync/push";
/// `GET` with a proof: server-sent events of this device and of the session it holds; `?after=` or `Last-Event-ID`.
pub const EVENTS: &str = "/v1/events";
/// `GET` with a proof: what changed in the catalogue, in pages; `?after=` a revision, `?limit=`.
pub const CATALOGUE: &str = "/v1/catalogue";
/// `POST` with a proof: text to speech, streamed as WAV.
pub const SPEECH: &str = "/v1/speech";

/// Header with a device's proof (RFC 9449).
pub const HEADER_PROOF: &str = "DPoP";
/// Header with the nonce for the next proof (RFC 9449 section 8).
pub const HEADER_PROOF_NONCE: &str = "DPoP-Nonce";
/// Header with a session's token.
pub const HEADER_SESSION_TOKEN: &str = "X-Session-Token";
/// Header with a trusted channel's or service's key.
pub const HEADER_CHANNEL_KEY: &str = "X-Channel-Key";
/// Header with a phone number, for trusted channels.
pub const HEADER_PHONE: &str = "X-Phone";
/// Header with a page's anti-forgery token.
pub const HEADER_CSRF: &str = "X-CSRFToken";
/// Header with the token of those who report what was said.
pub const HEADER_INGEST_TOKEN: &str = "X-INGEST-TOKEN";
/// Header with the ticket of whoever began a spoken conversation.
pub const HEADER_VOICE_TICKET: &str = "X-Voice-Ticket";
/// Header that says whose a spoken conversation is: `user`, `anonymous`, `expired` or `unavailable`.
pub const HEADER_SESSION_AUTH: &str = "X-Session-Auth";
/// Header with a request's id.
pub const HEADER_REQUEST_ID: &str = "X-Request-Id";

/// `route` with its one `{placeholder}` replaced by `id`.
#[must_use]
pub fn with_id(route: &str, id: impl std::fmt::Display) -> String {
    match (route.find('{'), route.find('}')) {
        (Some(open), Some(close)) if open < close => format!("{}{id}{}", &route[..open], &route[close + 1..]),
        _ => route.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_takes_its_place_in_a_route() {
        assert_eq!(with_id(HANDOFF_MATCH, 7), "/v1/handoffs/7/match");
        assert_eq!(with_id(HEALTH, 7), "/health");
    }
}
