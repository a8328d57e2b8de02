//! The kiosk's copy of the catalogue: all of it once, and from then on what changes.

mod copier;
#[cfg(test)]
mod tests;

pub(crate) use copier::Copier;
