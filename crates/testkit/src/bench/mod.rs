//! What every measurement needs: numbers with how sure they are, what they were taken on, and a place for them.

mod figures;
mod machine;
mod output;
mod process;

pub use figures::{Quantiles, Runs, Sample, Spread};
pub use machine::Machine;
pub use output::{folder, publish, say};
pub use process::{Cost, resident_mb};
