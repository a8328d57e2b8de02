//! Kiosks, their server and the network between them in one deterministic world: the same seed is the same day, to the byte.
//!
//! The kiosks are the real ones (event loop, pusher, listener, state machine) on a virtual clock. The server is a model of the
//! documented rules ([`shop`]); what it shares with the real one is tested there. Network, power and clocks misbehave as the dice of
//! the seed fall; then everything heals, and what was promised must hold ([`Broken`]).

mod catalogue;
mod clock;
mod day;
mod dice;
mod disk;
mod life;
mod machine;
mod network;
mod promises;
mod seal;
mod shop;
mod trace;
mod world;

use tokio::runtime::Builder;

pub use day::Outcome;
pub use promises::Broken;
pub use shop::Rules;

/// Lives through the day of a seed.
///
/// # Errors
/// The runtime cannot be made, or there are no certificates for the HTTP client that nobody uses.
pub fn live(seed: u64, rules: Rules) -> anyhow::Result<Outcome> {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(day::live(seed, rules))
}
