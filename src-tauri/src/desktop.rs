//! The running program: core, window and what connects them.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use kiosk_core::{Deps, KioskConfig, KioskHandle};
use protocol::ambient::{SystemClock, SystemEntropy};
use tauri::{AppHandle, Manager as _, RunEvent, Wry};
use url::Url;

use crate::{
    announce,
    bridge::Bridge,
    closing, commands, health,
    keystore::Keyring,
    leaving, pictures,
    program::Program,
    settings::{self, Settings},
    speaker::Loudspeaker,
    watchdog::{Heartbeat, Watchdog},
    window,
};

/// What the program runs with.
pub(crate) struct Setup {
    pub(crate) program: Program,
    pub(crate) server: Url,
    pub(crate) folder: PathBuf,
    pub(crate) settings: Settings,
    /// The server's address is the default because the settings file could not be read.
    pub(crate) settings_damaged: bool,
    pub(crate) windowed: bool,
    pub(crate) print_enrolment_code: bool,
}

/// Runs until the window is closed or a signal ends it; gives the exit status.
///
/// # Errors
/// The window cannot be opened.
pub(crate) fn run(setup: Setup) -> anyhow::Result<i32> {
    let mut builder = tauri::Builder::<Wry>::new();
    if !window::is_automated() {
        // A second start shows the kiosk that is there already.
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, _, _| {
            if let Some(window) = app.webview_windows().values().next() {
                let _ = window.set_focus();
            }
        }));
    }
    let app = builder
        .plugin(tauri_plugin_store::Builder::new().build())
        .plugin(commands::screen::area())
        .plugin(commands::kiosk::area())
        .register_asynchronous_uri_scheme_protocol(pictures::SCHEME, pictures::answer)
        .setup(move |app| Ok(start(app.handle(), setup)?))
        .build(tauri::generate_context!())
        .context("the window cannot be opened")?;
    Ok(app.run_return(|app, event| {
        if let RunEvent::ExitRequested { code: None, api, .. } = event {
            api.prevent_exit();
            tauri::async_runtime::spawn(closing::close(app.clone()));
        }
    }))
}

fn start(app: &AppHandle, setup: Setup) -> anyhow::Result<()> {
    if let Err(problem) = settings::keep(app, &setup.folder, &setup.settings) {
        tracing::warn!("{problem:#}; the kiosk runs on without it");
    }
    let kiosk = tauri::async_runtime::block_on(async { start_core(&setup) })?;
    if setup.print_enrolment_code {
        tauri::async_runtime::spawn(announce::enrolment(kiosk.views()));
    }
    let views = kiosk.views();
    tauri::async_runtime::spawn(health::serve(kiosk.clone(), setup.folder.clone()));
    app.manage(kiosk);
    app.manage(Bridge::default());
    app.manage(Heartbeat::new());
    app.manage(closing::Ending::default());
    tauri::async_runtime::block_on(async { closing::on_signals(app) }).context("the signal handlers cannot be set")?;
    let window = window::open(app, &setup.folder, setup.windowed).context("the window cannot be opened")?;
    tauri::async_runtime::spawn(leaving::follow(window.clone(), views.clone()));
    let watchdog = Watchdog::new(app, setup.program, Arc::new(SystemClock::new()));
    let memory_limit = u64::from(setup.settings.memory_limit_mib) << 20;
    watchdog.watch(&window, views, memory_limit).context("the page cannot be watched")
}

fn start_core(setup: &Setup) -> anyhow::Result<KioskHandle> {
    let config = KioskConfig {
        server: setup.server.clone(),
        data_dir: setup.folder.clone(),
        locale: setup.settings.locale,
        muted: setup.settings.muted,
        settings_damaged: setup.settings_damaged,
    };
    let deps = Deps {
        clock: Arc::new(SystemClock::new()),
        entropy: Arc::new(SystemEntropy),
        keys: Arc::new(Keyring),
        speaker: Some(Arc::new(Loudspeaker::start(f32::from(setup.settings.volume) / 100.0))),
        http: kiosk_core::http_client()
            .context("the system's certificates cannot be read; install the package ca-certificates")?,
    };
    Ok(kiosk_core::start(config, deps))
}
