use std::process::ExitCode;

use clap::Args;
use protocol::ids::{DeviceId, StoreId};

use crate::{AppState, Config, device::operations, output};

/// Arguments of `enrol`. It works beside a running server, on the same data folder.
#[derive(Debug, Args)]
pub(super) struct Enrol {
    /// The code on the kiosk's screen.
    #[arg(required_unless_present = "remove")]
    code: Option<String>,
    /// The store where it stands, such as `S01`.
    #[arg(long, required_unless_present = "remove")]
    store: Option<String>,
    /// Where in the store, such as `By the fitting rooms`.
    #[arg(long, required_unless_present = "remove")]
    label: Option<String>,
    /// Takes a device's enrolment back instead; what it holds ends at once.
    #[arg(long, value_name = "DEVICE_ID", conflicts_with_all = ["code", "store", "label"])]
    remove: Option<DeviceId>,
}

impl Enrol {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let state = AppState::open(config).await?;
        let done = match self.remove {
            Some(device) => remove(&state, device).await,
            None => {
                accept(&state, &self.code.unwrap_or_default(), self.store.unwrap_or_default(), &self.label.unwrap_or_default())
                    .await
            }
        };
        state.store.close().await;
        done.map(|()| ExitCode::SUCCESS)
    }
}

async fn accept(state: &AppState, code: &str, store: String, label: &str) -> anyhow::Result<()> {
    let device = operations::accept(state, code, &StoreId(store), label).await?;
    output::say(format_args!("enrolled \"{}\" in store {} as device {}", device.label, device.store_id, device.id));
    Ok(())
}

async fn remove(state: &AppState, device: DeviceId) -> anyhow::Result<()> {
    let device = operations::remove(state, device).await?;
    output::say(format_args!("removed \"{}\" in store {}; its key opens nothing any more", device.label, device.store_id));
    Ok(())
}

/// Lists the enrolled devices.
pub(super) async fn list(config: Config) -> anyhow::Result<ExitCode> {
    let state = AppState::open(config).await?;
    let devices = state.read().await?.devices().await?;
    state.store.close().await;
    if devices.is_empty() {
        output::say("no device is enrolled; start a kiosk and run `vitrine-server enrol CODE --store STORE --label PLACE`");
    }
    for device in devices {
        output::say(format_args!("{}  {}  {}  since {}", device.id, device.store_id, device.label, device.enrolled_at));
    }
    Ok(ExitCode::SUCCESS)
}
