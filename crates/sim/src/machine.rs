use std::{
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock},
};

use anyhow::Context as _;
use async_trait::async_trait;
use kiosk_core::{
    Backends, Deps, DeviceKey, KeyStore, KeyStoreError, KioskConfig, KioskHandle, http_client, server::Server, start_with,
};
use kiosk_store::{Key, MemoryShelf, MemoryStore, Shelf, Store, StoreError};
use protocol::{intent::Intent, shop::Locale, view::View};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::{
    clock::WallClock,
    dice::Dice,
    disk::Disk,
    life::Life,
    network::Wire,
    shop::catalogue,
    world::{World, lock},
};

/// One kiosk: its disk and its clock stay, the program on it comes and goes.
pub(crate) struct Machine {
    world: Arc<World>,
    pub(crate) device: usize,
    pub(crate) dice: Dice,
    clock: Arc<WallClock>,
    http: reqwest::Client,
    keys: Arc<Keys>,
    disk: Mutex<Arc<MemoryStore>>,
    /// The copy of the catalogue. A page is there whole or not at all, and stays over a power cut.
    pub(crate) shelf: Arc<MemoryShelf>,
    program: Mutex<Option<Program>>,
}

struct Program {
    life: Arc<Life>,
    kiosk: KioskHandle,
}

/// The secret store. What it holds is drawn once per process and shows nowhere.
struct Keys(Zeroizing<Vec<u8>>);

impl KeyStore for Keys {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyStoreError> {
        Ok(Some(if name == "outbox" { Zeroizing::new(vec![7; 32]) } else { self.0.clone() }))
    }

    fn save(&self, _: &str, _: &[u8]) -> Result<(), KeyStoreError> {
        Ok(())
    }

    fn describe(&self) -> String {
        "a drawer".into()
    }

    fn is_quick(&self) -> bool {
        true
    }
}

struct Parts {
    wire: Wire,
    disk: Mutex<Option<Disk>>,
    shelf: Arc<MemoryShelf>,
}

#[async_trait]
impl Backends for Parts {
    fn server(&self, _: DeviceKey) -> Arc<dyn Server> {
        Arc::new(self.wire.clone())
    }

    async fn store(&self, _: &Key) -> Result<Arc<dyn Store>, StoreError> {
        let disk = lock(&self.disk).take();
        disk.map(|disk| Arc::new(disk) as Arc<dyn Store>).ok_or(StoreError::Row)
    }

    fn shelf(&self, _: &Key) -> Arc<dyn Shelf> {
        Arc::clone(&self.shelf) as Arc<dyn Shelf>
    }
}

impl Machine {
    pub(crate) fn new(world: Arc<World>, device: usize) -> anyhow::Result<Self> {
        static HTTP: OnceLock<reqwest::Client> = OnceLock::new();
        static KEY: OnceLock<Zeroizing<Vec<u8>>> = OnceLock::new();
        let http = match HTTP.get() {
            Some(http) => http.clone(),
            None => HTTP
                .get_or_init({
                    let made = http_client()?;
                    || made
                })
                .clone(),
        };
        let key = match KEY.get() {
            Some(key) => key.clone(),
            None => KEY
                .get_or_init({
                    let made = DeviceKey::generate().context("the machine gives no randomness for a key")?;
                    || made
                })
                .clone(),
        };
        Ok(Self {
            dice: world.dice.fork(),
            clock: Arc::new(WallClock::new(Instant::now())),
            world,
            device,
            http,
            keys: Arc::new(Keys(key)),
            disk: Mutex::default(),
            shelf: Arc::new(MemoryShelf::filled(&catalogue())),
            program: Mutex::new(None),
        })
    }

    /// Switches it on, where it is off.
    pub(crate) fn start(&self) {
        let mut program = lock(&self.program);
        if program.is_some() {
            return;
        }
        self.world.trace.note(format!("kiosk {} starts", self.device));
        let life = Arc::<Life>::default();
        let (world, device) = (Arc::clone(&self.world), self.device);
        let wire = Wire { world: Arc::clone(&world), device, life: Arc::clone(&life) };
        let disk = Disk { world, device, life: Arc::clone(&life), kept: Arc::clone(&lock(&self.disk)) };
        let backends = Parts { wire, disk: Mutex::new(Some(disk)), shelf: Arc::clone(&self.shelf) };
        let Ok(server) = "http://shop.example".parse() else { return };
        let config =
            KioskConfig { server, data_dir: PathBuf::from("nowhere"), locale: Locale::En, muted: true, settings_damaged: false };
        let deps = Deps {
            clock: Arc::clone(&self.clock) as _,
            entropy: Arc::new(self.dice.fork()),
            keys: Arc::clone(&self.keys) as _,
            speaker: None,
            http: self.http.clone(),
        };
        let kiosk = start_with(config, deps, Arc::new(backends));
        *program = Some(Program { life, kiosk });
    }

    /// Pulls the plug: what is on the disk stays, what is in memory goes.
    pub(crate) fn cut_power(&self) {
        let Some(program) = lock(&self.program).take() else { return };
        self.world.trace.note(format!("kiosk {} loses its power", self.device));
        program.life.end();
        let mut disk = lock(&self.disk);
        let left = disk.after_power_cut();
        *disk = Arc::new(left);
    }

    /// Sets its clock so many milliseconds wrong.
    pub(crate) fn jump(&self, off_by: i64) {
        self.world.trace.note(format!("the clock of kiosk {} is {off_by} ms off", self.device));
        self.clock.jump(off_by);
    }

    /// The disk takes nothing, or takes writes again.
    pub(crate) fn set_disk_full(&self, full: bool) {
        self.world.trace.note(format!("the disk of kiosk {} is full: {full}", self.device));
        lock(&self.disk).set_failing(full);
    }

    pub(crate) fn kiosk(&self) -> Option<KioskHandle> {
        lock(&self.program).as_ref().map(|program| program.kiosk.clone())
    }

    pub(crate) fn view(&self) -> Option<Arc<View>> {
        self.kiosk().map(|kiosk| Arc::clone(&kiosk.views().borrow()))
    }

    /// Touches the screen; what it refuses was no touch.
    pub(crate) fn intend(&self, intent: Intent) {
        if let Some(kiosk) = self.kiosk() {
            let _ = kiosk.intend(intent);
        }
    }
}
