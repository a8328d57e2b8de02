//! What every measurement needs: numbers with how sure they are, and what they were taken on.

mod figures;
mod machine;
mod process;

pub use figures::{Quantiles, Runs, Sample, Spread};
pub use machine::Machine;
pub use process::{Cost, resident_mb};
