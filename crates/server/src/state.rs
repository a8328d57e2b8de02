//! What every request needs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use protocol::{
    Clock, Entropy, Timestamp,
    ambient::{SystemClock, SystemEntropy, uuid_v7},
    device::StaffPin,
};
use server_store::{ReadTx, Store, StoreError, postgres::PostgresStore, sqlite::SqliteStore};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Config,
    assistant::{Assistant, CatalogueAssistant, answer::Turns},
    device,
    event::Bus,
    key::ServerKey,
    limit::{Lifetimes, Limits},
    metrics::Metrics,
    node::{Relay, key_of_nodes},
    password::{PasswordPool, Throttle},
    proof::{Addresses, Proofs},
    provider::Providers,
    session::LiveSessions,
    speech::Voices,
    transaction::Tx,
    voice_session::{Reach, Transcripts},
};

/// How long a server that starts waits for a database that does not answer yet.
const PATIENCE: Duration = Duration::from_secs(30);
/// Large bodies that are read at the same time.
const UPLOADS: usize = 8;

/// The server's state; a clone is another handle to the same.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Parts>);

/// What [`AppState`] gives access to.
#[derive(Debug)]
pub struct Parts {
    /// Settings.
    pub config: Config,
    /// Records.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The server's key.
    pub key: ServerKey,
    /// Tells streams what happened.
    pub bus: Arc<Bus>,
    /// Live sessions in memory, in front of the database.
    pub live: LiveSessions,
    /// Tells other nodes of commits.
    pub relay: Relay,
    /// Hashes passwords.
    pub passwords: PasswordPool,
    /// Slows down who guesses passwords.
    pub throttle: Throttle,
    /// Sign-in providers.
    pub providers: Providers,
    /// Answers customers.
    pub assistant: Arc<dyn Assistant>,
    /// Opens kiosks' own screen for staff.
    pub staff_pin: Option<StaffPin>,
    /// Keeps the answers of one conversation in order.
    pub turns: Turns,
    /// Cancelled when the server stops; streams end then.
    pub shutdown: CancellationToken,
    /// Addresses under which this server is itself.
    pub addresses: Addresses,
    /// Judges devices' proofs.
    pub proofs: Proofs,
    /// How often somebody may call.
    pub limits: Limits,
    /// Figures for monitoring.
    pub metrics: Metrics,
    /// Time for handoffs and kiosk sessions.
    pub lifetimes: Lifetimes,
    /// Told when something that expires was begun.
    pub begun: Notify,
    /// Told when a mail waits to be sent.
    pub mail_queued: Notify,
    /// Speaks.
    pub voices: Voices,
    /// Tells the requests of this start from those of others.
    start: i64,
    /// Who listens to spoken conversations on this node.
    pub transcripts: Arc<Transcripts>,
    /// Whether the media server was there lately.
    pub media: Reach,
    /// Turns of those who send large bodies.
    pub uploads: Semaphore,
    requests: AtomicU64,
}

impl std::ops::Deref for AppState {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl AppState {
    /// Opens the data folder and the database of `config`, making what is not there, with the system's clock and randomness.
    ///
    /// # Errors
    /// The folder cannot be written, or holds a database that this program cannot use; the error says what to do.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        Self::open_with(config, Arc::new(SystemClock::new()), Arc::new(SystemEntropy)).await
    }

    /// As [`AppState::open`], with a clock and randomness of the caller's choosing.
    ///
    /// # Errors
    /// As [`AppState::open`].
    pub async fn open_with(config: Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> anyhow::Result<Self> {
        make_private_folder(&config)?;
        let store = open_store(&config).await?;
        let key = match store.shared() {
            Some(nodes) => key_of_nodes(nodes, &config.key_file(), &*entropy).await?,
            None => ServerKey::load_or_make(&config.key_file(), &*entropy)?,
        };
        Self::new(config, store, key, clock, entropy)
    }

    /// A state of the given parts.
    ///
    /// # Errors
    /// The figures for monitoring cannot be made.
    pub fn new(
        config: Config,
        store: Arc<dyn Store>,
        key: ServerKey,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        let several = store.shared().is_some();
        let lifetimes = if several { Lifetimes::of_nodes(clock.clone()) } else { Lifetimes::new(clock.clone()) };
        let mut nonces = key.mac("proof nonces", &[]);
        if !several {
            entropy.fill(&mut nonces);
        }
        Ok(Self(Arc::new(Parts {
            addresses: Addresses::new(&config),
            voices: Voices::installed(&config.speech()),
            uploads: Semaphore::new(UPLOADS),
            throttle: Throttle::new(lifetimes.clone(), key.mac("throttled", &[]), store.clone()),
            proofs: Proofs::new(clock.clone(), lifetimes.clone(), &nonces),
            relay: Relay::default(),
            providers: Providers::new(&config.sign_in, &clock),
            limits: Limits::new(&config, &clock),
            staff_pin: config.staff_pin.as_ref().map(|pin| device::staff_pin(pin, &key)),
            metrics: Metrics::new()?,
            config,
            store,
            bus: Arc::default(),
            live: LiveSessions::new(clock.clone()),
            passwords: PasswordPool::new(entropy.clone()),
            assistant: Arc::new(CatalogueAssistant),
            turns: Turns::default(),
            shutdown: CancellationToken::new(),
            lifetimes,
            begun: Notify::new(),
            mail_queued: Notify::new(),
            start: clock.now().unix_millis(),
            transcripts: Arc::default(),
            media: Reach::default(),
            clock,
            entropy,
            key,
            requests: AtomicU64::new(0),
        })))
    }

    /// The same with another assistant; for whoever has just opened it.
    #[must_use]
    pub fn answered_by(mut self, assistant: Arc<dyn Assistant>) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.assistant = assistant;
        }
        self
    }

    /// The wall clock's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        uuid_v7(&*self.clock, &*self.entropy)
    }

    /// A transaction that changes nothing.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn read(&self) -> Result<Box<dyn ReadTx>, StoreError> {
        self.store.read().await
    }

    /// A transaction that changes things; see [`Tx`].
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        Ok(Tx::new(self.store.write().await?, self.clone()))
    }

    /// When this program started, in seconds since 1970.
    #[must_use]
    pub fn started_seconds(&self) -> u64 {
        u64::try_from(self.start / 1_000).unwrap_or_default()
    }

    /// A request's id, for logs and `X-Request-Id`.
    #[must_use]
    pub fn request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        format!("{:x}-{number}", self.start)
    }
}

/// Opens the database that the config names.
pub(crate) async fn open_store(config: &Config) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match &config.database_url {
        Some(address) => Arc::new(PostgresStore::open(address.reveal(), PATIENCE).await?),
        None => Arc::new(SqliteStore::open(&config.database()).await?),
    })
}

/// Makes the data folder so that only its owner can look into it; one that is there stays as it is.
pub(crate) fn make_private_folder(config: &Config) -> anyhow::Result<()> {
    use anyhow::Context as _;
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(&config.data).with_context(|| {
        format!(
            "the data folder {} cannot be made; check the path and its owner, or give another with --data",
            config.data.display()
        )
    })
}
