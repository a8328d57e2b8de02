use std::process::ExitCode;

use clap::{Args, ValueEnum};
use protocol::ids::DeviceId;

use crate::{AppState, Config, device::operations, output};

/// Arguments of `device`. It works beside a running server, on the same data folder.
#[derive(Debug, Args)]
pub(super) struct Device {
    /// Which, as `vitrine-server devices` lists it.
    id: DeviceId,
    /// Whether customers may begin there by typing their phone number. Anybody can type somebody else's number, so only the
    /// first name, the tier, the conversation and the cart are shown then.
    #[arg(long, value_name = "on|off")]
    start_by_phone: Switch,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Device {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let state = AppState::open(config).await?;
        let switched = operations::set_start_by_phone(&state, self.id, matches!(self.start_by_phone, Switch::On)).await;
        state.store.close().await;
        let device = switched?;
        let how = if device.start_by_phone { "may" } else { "may not" };
        output::say(format_args!("customers {how} begin by phone number at \"{}\" in store {}", device.label, device.store_id));
        Ok(ExitCode::SUCCESS)
    }
}
