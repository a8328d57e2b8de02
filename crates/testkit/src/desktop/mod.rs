//! A desktop without a desk: a virtual screen, a message bus, a keyring and a sound server of their own, for the real programs.

#[cfg(feature = "drivers")]
pub mod browser;
pub mod bus;
pub mod display;
#[cfg(feature = "drivers")]
pub mod driver;
#[cfg(feature = "drivers")]
pub mod hands;
pub mod home;
#[cfg(feature = "drivers")]
pub mod qr;
#[cfg(feature = "drivers")]
pub mod recording;
#[cfg(feature = "drivers")]
pub mod sound;
#[cfg(feature = "drivers")]
pub mod unattended;
#[cfg(feature = "drivers")]
pub mod whole;
#[cfg(feature = "drivers")]
pub mod window;

#[cfg(feature = "drivers")]
pub use browser::PhoneBrowser;
pub use bus::{SecretStore, SessionBus};
pub use display::Display;
#[cfg(feature = "drivers")]
pub use driver::WebDriver;
#[cfg(feature = "drivers")]
pub use hands::{Hands, Key, Selection};
pub use home::Home;
#[cfg(feature = "drivers")]
pub use sound::Sound;
#[cfg(feature = "drivers")]
pub use unattended::Unattended;
#[cfg(feature = "drivers")]
pub use whole::Desktop;
#[cfg(feature = "drivers")]
pub use window::KioskWindow;

pub use crate::program::end;

/// Width and height of a screen, in pixels.
pub type Size = (u32, u32);

/// A kiosk's screen.
pub const PORTRAIT: Size = (1080, 1920);
/// The same, lying.
pub const LANDSCAPE: Size = (1920, 1080);
