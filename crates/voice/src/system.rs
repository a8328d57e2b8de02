//! The machine's own sound device: `PulseAudio` (or `PipeWire` in its place) where one answers, else ALSA.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use cpal::{BufferSize, Device, ErrorKind, Host, HostId, traits::HostTrait};
use rodio::{DeviceSinkBuilder, MixerDeviceSink};

use crate::{
    output::{Fault, Output, Sink, Trouble},
    speech::Speech,
};

/// Longest wait for a device to close.
const CLOSING: Duration = Duration::from_secs(1);

type OnTrouble = Arc<dyn Fn(Trouble) + Send + Sync>;

/// Opens what the system prefers at that moment.
#[derive(Default)]
pub(crate) struct SystemOutput {
    /// The connection to the sound server. Kept, because the server counts them, and a lost device holds its own for ever.
    sound_server: Option<Host>,
}

impl Output for SystemOutput {
    fn open(&mut self, on_trouble: Box<dyn Fn(Trouble) + Send + Sync>) -> Result<Box<dyn Sink>, Fault> {
        let on_trouble = OnTrouble::from(on_trouble);
        let server = self.sound_server_device().and_then(|device| open(device, &on_trouble));
        let sink = server.or_else(|server| {
            let alsa = alsa_device().and_then(|device| open(device, &on_trouble));
            alsa.map_err(|alsa| Fault(format!("sound server: {server}; ALSA: {alsa}")))
        })?;
        Ok(Box::new(sink))
    }
}

impl SystemOutput {
    fn sound_server_device(&mut self) -> Result<Device, String> {
        if let Some(device) = self.sound_server.as_ref().and_then(Host::default_output_device) {
            return Ok(device);
        }
        self.sound_server = None;
        if !cpal::available_hosts().contains(&HostId::PulseAudio) {
            return Err("none is running".into());
        }
        let host = cpal::host_from_id(HostId::PulseAudio).map_err(|cause| cause.to_string())?;
        let device = host.default_output_device().ok_or("it has no output")?;
        self.sound_server = Some(host);
        Ok(device)
    }
}

fn alsa_device() -> Result<Device, String> {
    let host = cpal::host_from_id(HostId::Alsa).map_err(|cause| cause.to_string())?;
    host.default_output_device().ok_or_else(|| "no output".into())
}

fn open(device: Device, on_trouble: &OnTrouble) -> Result<SystemSink, String> {
    // ALSA's library writes each failure to stderr unless somebody else takes it.
    let _quiet = alsa::Output::local_error_handler();
    let on_trouble = Arc::clone(on_trouble);
    let mut device = DeviceSinkBuilder::from_device(device)
        .map_err(|error| full_text(&error))?
        .with_error_callback(move |error| on_trouble(trouble(&error)))
        .open_stream()
        .map_err(|error| full_text(&error))?;
    device.log_on_drop(false);
    let rate = device.config().sample_rate();
    let latency = match device.config().buffer_size() {
        // Every kind of host keeps two of them.
        BufferSize::Fixed(frames) => Duration::from_secs(2 * u64::from(*frames)) / rate.get(),
        BufferSize::Default => Duration::from_millis(100),
    };
    let beat = Arc::new(AtomicU64::new(0));
    device.mixer().add(Heartbeat { rate, beat: Arc::clone(&beat) });
    Ok(SystemSink { device: Some(device), latency, beat })
}

fn full_text(error: &rodio::DeviceSinkError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn trouble(error: &cpal::Error) -> Trouble {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::Xrun | ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged => Trouble::Passing(text),
        _ => Trouble::Lost(text),
    }
}

struct SystemSink {
    device: Option<MixerDeviceSink>,
    latency: Duration,
    beat: Arc<AtomicU64>,
}

impl Sink for SystemSink {
    fn play(&self, speech: Speech) {
        if let Some(device) = &self.device {
            device.mixer().add(speech);
        }
    }

    fn latency(&self) -> Duration {
        self.latency
    }

    fn beat(&self) -> u64 {
        self.beat.load(Ordering::Relaxed)
    }
}

impl Drop for SystemSink {
    fn drop(&mut self) {
        let Some(device) = self.device.take() else {
            return;
        };
        let (closed, wait) = mpsc::channel();
        let closing = thread::Builder::new().name("voice-close".into()).spawn(move || {
            drop(device);
            let _ = closed.send(());
        });
        // Closing a stream that the sound server has ended already never returns, and the next device must not wait for that.
        if closing.is_ok() {
            let _ = wait.recv_timeout(CLOSING);
        }
    }
}

/// Silence for ever, which counts how much of it the device took.
struct Heartbeat {
    rate: rodio::SampleRate,
    beat: Arc<AtomicU64>,
}

impl Iterator for Heartbeat {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        self.beat.fetch_add(1, Ordering::Relaxed);
        Some(0.0)
    }
}

impl rodio::Source for Heartbeat {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> rodio::ChannelCount {
        NonZero::<u16>::MIN
    }

    fn sample_rate(&self) -> rodio::SampleRate {
        self.rate
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}
