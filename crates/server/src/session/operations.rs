//! Everything that happens to a session. Operations work in the caller's transaction and append their events to it.

pub use super::{
    absorb::absorb,
    action::{apply, view_product},
    begin::{begin, end_demo_sessions, resume},
    cart::{add_to_cart, clear_cart, remove_from_cart, set_quantity, show_cart, take_bought},
    chat::{append_chat, keep_address},
    end::end_session,
    history::import_history,
    snapshot::snapshot,
    start::{guest_session, guest_session_named, session_for_customer, use_on},
    summary::set_summary,
    token::{live_session, use_session},
};
