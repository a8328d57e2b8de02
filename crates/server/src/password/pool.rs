use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        CustomizedPasswordHasher as _,
        phc::{Output, PasswordHash},
    },
};
use protocol::Entropy;
use tokio::{
    sync::{OnceCell, Semaphore},
    time::{Instant, sleep_until},
};
use zeroize::Zeroizing;

use super::foreign::Foreign;

/// KiB of memory of one hash, the least that OWASP advises.
const MEMORY: u32 = 19 * 1024;
const ROUNDS: u32 = 2;
const LANES: u32 = 1;

/// Why no hash came out; the cause is for the log.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed: {0}")]
pub struct HashError(String);

/// What a password is to a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Not its own.
    Wrong,
    /// Its own.
    Right,
    /// Its own, but the hash is of a kind that is not made any more: replace it.
    Outdated,
}

/// Hashes passwords, as many at a time as there are processors: each takes a core and 19 MiB.
#[derive(Debug)]
pub struct PasswordPool {
    permits: Arc<Semaphore>,
    bench: Arc<Bench>,
    entropy: Arc<dyn Entropy>,
    decoy: Arc<OnceLock<String>>,
    /// How long the slowest hash of another program takes to check.
    slowest: OnceCell<Duration>,
}

impl PasswordPool {
    /// A pool that takes its salts from `entropy`.
    #[must_use]
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            permits: Arc::new(Semaphore::new(cores)),
            bench: Arc::default(),
            entropy,
            decoy: Arc::default(),
            slowest: OnceCell::new(),
        }
    }

    /// The Argon2id hash of a password, in PHC form.
    ///
    /// # Errors
    /// The machine could not do it.
    pub async fn hash(&self, password: &str) -> Result<String, HashError> {
        let password = Zeroizing::new(password.to_owned());
        let entropy = self.entropy.clone();
        self.run(move |_| hash(password.as_bytes(), &*entropy)).await?
    }

    /// What the password is to the hash `known`. Where it is wrong, and also without a known hash, the answer takes as long
    /// as for the slowest hash that was measured.
    ///
    /// # Errors
    /// The machine could not do it.
    pub async fn check(&self, password: &str, known: Option<String>) -> Result<Check, HashError> {
        let slowest = self.slowest.get().copied().unwrap_or_default();
        // Some hashes are tried twice where spaces were typed around the password.
        let least = if password.trim() == password { slowest } else { slowest * 2 };
        let password = Zeroizing::new(password.to_owned());
        let (entropy, decoy) = (self.entropy.clone(), self.decoy.clone());
        let (check, began) = self
            .run(move |memory| {
                let began = Instant::now();
                Ok((check(&password, known.as_deref(), &decoy, &*entropy, memory)?, began))
            })
            .await??;
        if check == Check::Wrong {
            sleep_until(began + least).await;
        }
        Ok(check)
    }

    /// How many checks wait for a processor.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.bench.waiting.load(Ordering::Relaxed)
    }

    /// Whether [`PasswordPool::measure`] was called.
    #[must_use]
    pub fn knows_slowest(&self) -> bool {
        self.slowest.initialized()
    }

    /// Measures how long it takes to check the slowest of these hashes of other programs; done once.
    ///
    /// # Errors
    /// The machine could not do it.
    pub async fn measure(&self, hashes: Vec<String>) -> Result<(), HashError> {
        let measured = self.slowest.get_or_try_init(|| async {
            let hashes: Vec<Foreign> = hashes.iter().filter_map(|hash| Foreign::read(hash)).collect();
            self.run(move |_| {
                let time = |hash: &Foreign| {
                    let began = Instant::now();
                    let _ = hash.is_of("nobody's password");
                    began.elapsed()
                };
                hashes.iter().map(time).max().unwrap_or_default()
            })
            .await
        });
        measured.await.map(|_| ())
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static) -> Result<T, HashError> {
        let waiting = Waiting::begin(&self.bench.waiting);
        let permit = self.permits.clone().acquire_owned().await.map_err(|error| HashError(error.to_string()))?;
        drop(waiting);
        let (span, bench) = (tracing::Span::current(), self.bench.clone());
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut memory = bench.memory();
            let done = span.in_scope(|| work(&mut memory));
            bench.give_back(memory);
            done
        })
        .await
        .map_err(|error| HashError(error.to_string()))
    }
}

/// Where hashes are made: who waits, and the memory that goes from one hash to the next.
#[derive(Debug, Default)]
struct Bench {
    waiting: AtomicU64,
    spare: Mutex<Vec<Vec<Block>>>,
}

impl Bench {
    fn memory(&self) -> Vec<Block> {
        self.spare().pop().unwrap_or_default()
    }

    /// Kept for those who wait; without them it all goes back to the system.
    fn give_back(&self, memory: Vec<Block>) {
        let waiting = self.waiting.load(Ordering::Relaxed) > 0;
        let mut spare = self.spare();
        if waiting {
            spare.push(memory);
        } else {
            spare.clear();
        }
    }

    fn spare(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who waits, until dropped.
struct Waiting<'a>(&'a AtomicU64);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn check(
    password: &str,
    known: Option<&str>,
    decoy: &OnceLock<String>,
    entropy: &dyn Entropy,
    memory: &mut Vec<Block>,
) -> Result<Check, HashError> {
    if decoy.get().is_none() {
        let mut nobody = Zeroizing::new([0; 32]);
        entropy.fill(nobody.as_mut_slice());
        // Another thread may have been faster; either decoy will do.
        let _ = decoy.set(hash(nobody.as_slice(), entropy)?);
    }
    if let Some(foreign) = known.and_then(Foreign::read) {
        return Ok(if foreign.is_of(password) { Check::Outdated } else { Check::Wrong });
    }
    // A text that is no hash at all is as good as none.
    let own = known.and_then(|known| PasswordHash::new(known).ok());
    let is_known = own.is_some();
    let parsed = match own {
        Some(own) => own,
        None => PasswordHash::new(decoy.get().map(String::as_str).unwrap_or_default())
            .map_err(|error| HashError(error.to_string()))?,
    };
    let right = is_of(&parsed, password.as_bytes(), memory).unwrap_or_default() && is_known;
    Ok(match (right, is_strong(&parsed)) {
        (false, _) => Check::Wrong,
        (true, true) => Check::Right,
        (true, false) => Check::Outdated,
    })
}

/// Whether a hash is of this password; none where its form is not known. `memory` is what it may work in.
fn is_of(hash: &PasswordHash, password: &[u8], memory: &mut Vec<Block>) -> Option<bool> {
    let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let params = Params::try_from(hash).ok()?;
    let blocks = params.block_count();
    memory.try_reserve_exact(blocks.saturating_sub(memory.len())).ok()?;
    memory.resize(blocks.max(memory.len()), Block::default());
    let mut bytes = vec![0; expected.len()];
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(password, salt, &mut bytes, memory.get_mut(..blocks)?)
        .ok()?;
    // Compared in constant time.
    Some(Output::new(&bytes).ok()? == *expected)
}

/// Whether a hash costs at least what ours do.
fn is_strong(hash: &PasswordHash) -> bool {
    let params = Params::try_from(hash);
    hash.algorithm == Algorithm::Argon2id.ident()
        && params.is_ok_and(|params| params.m_cost() >= MEMORY && params.t_cost() >= ROUNDS)
}

fn hash(password: &[u8], entropy: &dyn Entropy) -> Result<String, HashError> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    let params = Params::new(MEMORY, ROUNDS, LANES, None).map_err(|error| HashError(error.to_string()))?;
    let hash: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_customized(password, &salt, None, None, params)
        .map_err(|error| HashError(error.to_string()))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use protocol::ambient::SystemEntropy;

    use super::*;

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_at_the_advised_cost() {
        let pool = PasswordPool::new(Arc::new(SystemEntropy));
        let hash = pool.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(pool.check("correct horse", Some(hash.clone())).await.unwrap(), Check::Right);
        assert_eq!(pool.check("correct horse ", Some(hash.clone())).await.unwrap(), Check::Wrong);
        assert_ne!(hash, pool.hash("correct horse").await.unwrap(), "the salt is fresh");
    }

    #[tokio::test]
    async fn nobody_signs_in_without_a_hash() {
        let pool = PasswordPool::new(Arc::new(SystemEntropy));
        for known in [None, Some(String::new()), Some("no hash".to_owned()), Some("$2b$99$x".to_owned())] {
            assert_eq!(pool.check("", known.clone()).await.unwrap(), Check::Wrong, "{known:?}");
            assert_eq!(pool.check("anything", known.clone()).await.unwrap(), Check::Wrong, "{known:?}");
        }
    }

    #[tokio::test]
    async fn a_hash_of_another_program_or_of_less_cost_is_to_be_replaced() {
        let pool = PasswordPool::new(Arc::new(SystemEntropy));
        let weak = Params::new(8 * 1024, 1, 1, None).unwrap();
        let weak: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, weak.clone())
            .hash_password_customized(b"walking by the river", &[7; 16], None, None, weak)
            .unwrap();
        for hash in ["$2b$04$abcdefghijklmnopqrstuuQ0wLI23PiP12THlhM/KCmuDbDCEzRda", &weak.to_string()] {
            let check = async |password: &str| pool.check(password, Some(hash.to_owned())).await.unwrap();
            assert_eq!(check("walking by the river").await, Check::Outdated);
            assert_eq!(check("walking by the sea").await, Check::Wrong);
        }
    }

    #[tokio::test]
    async fn nobody_is_told_from_somebody_with_a_slow_hash() {
        let pool = PasswordPool::new(Arc::new(SystemEntropy));
        let slowest = Duration::from_millis(200);
        pool.slowest.set(slowest).unwrap();
        let fast = pool.hash("correct horse").await.unwrap();
        for known in [None, Some(fast), Some("$2b$04$abcdefghijklmnopqrstuuQ0wLI23PiP12THlhM/KCmuDbDCEzRda".to_owned())] {
            for (password, times) in [("wrong", 1), (" wrong", 2)] {
                let began = Instant::now();
                assert_eq!(pool.check(password, known.clone()).await.unwrap(), Check::Wrong);
                assert!(began.elapsed() >= slowest * times, "{known:?}");
            }
        }
    }

    #[tokio::test]
    async fn the_slowest_hash_is_measured_once() {
        let pool = PasswordPool::new(Arc::new(SystemEntropy));
        assert!(!pool.knows_slowest());
        pool.measure(vec!["$2b$04$abcdefghijklmnopqrstuuQ0wLI23PiP12THlhM/KCmuDbDCEzRda".into()]).await.unwrap();
        let slowest = *pool.slowest.get().unwrap();
        assert!(slowest > Duration::ZERO);
        pool.measure(Vec::new()).await.unwrap();
        assert_eq!(pool.slowest.get(), Some(&slowest));
    }
}
