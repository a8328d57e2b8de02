//! Every serialised type as it stands on the wire. A change here is a change for clients, kiosks and stored data.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod kiosk;
mod people;
mod samples;
mod screens;
mod shop;
mod talk;
