//! Everything a test needs around Vitrine's programs: a clock and dice of its own choosing, the real session server, a kiosk
//! and a phone that speak the wire by themselves, and a desktop with screen, keyring and sound for the real kiosk window.
//!
//! Whatever is started here ends when it is dropped, with all its children, and leaves no file behind.

#[cfg(feature = "drivers")]
pub mod answer;
#[cfg(feature = "bench")]
pub mod bench;
pub mod cable;
#[cfg(feature = "drivers")]
pub mod certificate;
#[cfg(feature = "drivers")]
pub mod channel;
#[cfg(feature = "drivers")]
pub mod chaos;
#[cfg(feature = "drivers")]
pub mod clock;
pub mod desktop;
#[cfg(feature = "drivers")]
pub mod dice;
#[cfg(feature = "drivers")]
pub mod floor;
#[cfg(feature = "drivers")]
pub mod glass;
#[cfg(feature = "drivers")]
pub mod kiosk;
pub mod limits;
pub mod nats;
#[cfg(feature = "drivers")]
pub mod phone;
pub mod postgres;
pub mod program;
#[cfg(feature = "drivers")]
pub mod proof;
#[cfg(feature = "drivers")]
pub mod provider;
mod reaper;
#[cfg(feature = "drivers")]
pub mod records;
#[cfg(feature = "drivers")]
pub mod residue;
#[cfg(feature = "drivers")]
pub mod server;
pub mod small_disk;
#[cfg(feature = "drivers")]
pub mod smtp;
#[cfg(feature = "drivers")]
pub mod tap;
#[cfg(feature = "drivers")]
pub mod visit;
pub mod wait;
pub mod wrong_clock;
