//! The kiosk's brain: one event loop that owns one state machine and sends one [`View`](protocol::view::View) after each change.
//!
//! It knows no window. The shell gives it a clock, randomness, the system's secret store, a loudspeaker and an HTTP client,
//! passes on what people touch ([`KioskHandle::intend`]) and draws what comes back ([`KioskHandle::views`]).

mod backends;
mod backoff;
mod catalogue;
mod device_key;
mod event_loop;
mod greeting;
mod handle;
mod handoff;
mod health;
mod intent_shape;
mod keys;
mod kiosk;
mod look_up;
mod message;
mod opening;
mod pictures;
mod qr;
mod seal;
pub mod server;
mod speaker;
mod staff_pin;
mod state;
mod stream;
mod sync;
mod thinking;
mod view;

pub use backends::Backends;
pub use device_key::{DamagedKey, DeviceKey};
pub use handle::{Deps, KioskConfig, KioskHandle, start, start_with};
pub use keys::{KeyStore, KeyStoreError};
pub use pictures::Picture;
pub use server::http_client;
pub use speaker::{Speaker, VoiceState, WavStream};
