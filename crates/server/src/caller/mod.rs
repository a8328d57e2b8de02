//! Who calls.
//!
//! A caller is known by a proof and by nothing else: the token of a session, the key of a trusted channel, the signature of
//! an enrolled device, the cookie of somebody signed in. Phone numbers, customer ids and session ids are names, whoever sends
//! them. [`Credentials`] and [`AccountProof`] take the proofs of a request and refuse nothing, so that a body of the wrong
//! shape is told first; [`Credentials::judge`] then answers the [`Caller`], [`AccountProof::judge`] the [`Account`], or which
//! proof is none. A cookie travels by itself, so it counts as none where something else was sent or where nobody has to be
//! signed in. [`VisitorProof`] is for what guests may do as well. What a person may do in the shop is decided in [`role`] alone.

mod account;
mod channel;
pub(crate) mod cookie;
mod credentials;
mod guest;
pub mod keys;
mod origin;
mod own;
pub mod role;
mod sees;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod who_opens_what;

pub(crate) use account::check_csrf;
pub use account::{Account, AccountProof};
pub use channel::TrustedChannel;
pub use credentials::{Caller, Credentials};
pub use guest::{Visit, Visitor, VisitorProof};
pub(crate) use guest::{forget_guest, guest_token};
pub(crate) use origin::{from_known_page, from_own_page, is_same_host};
pub use own::Own;
pub use sees::Sees;
