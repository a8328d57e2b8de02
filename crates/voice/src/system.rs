//! The machine's own sound device: `PulseAudio` (or `PipeWire` in its place) where one answers, else ALSA.

use std::{
    num::NonZero,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use cpal::{BufferSize, Device, ErrorKind, Host, HostId, traits::HostTrait};
use rodio::{DeviceSinkBuilder, MixerDeviceSink};

use crate::{
    cookie,
    output::{Fault, Output, Sink, Trouble},
    speech::Speech,
};

/// Longest wait for a device to close.
const CLOSING: Duration = Duration::from_secs(1);

type OnTrouble = Arc<dyn Fn(Trouble) + Send + Sync>;

/// Opens what the system prefers at that moment.
#[derive(Default)]
pub(crate) struct SystemOutput {
    sound_server: Option<SoundServer>,
    /// ALSA was opened last, which was logged then.
    on_alsa: bool,
}

/// A sound server that answers.
struct SoundServer {
    /// The connection. Kept, because the server counts them, and a lost device holds its own for ever.
    host: Host,
    /// The next device. A server that plays nothing falls asleep and begins late, so one device is always open.
    spare: Option<SystemSink>,
}

impl Output for SystemOutput {
    fn open(&mut self, on_trouble: Box<dyn Fn(Trouble) + Send + Sync>) -> Result<Box<dyn Sink>, Fault> {
        let server = match self.open_on_server() {
            // It is there, and busy: what ALSA offers beside it is a detour to the same server, and breaks.
            Err(cause) if cause.contains("timed out") => self.open_on_server(),
            other => other,
        };
        let sink = match server {
            Ok(sink) => sink,
            Err(server) => {
                let alsa = alsa_device().and_then(open);
                let sink = alsa.map_err(|alsa| Fault(format!("sound server: {server}; ALSA: {alsa}")))?;
                if !std::mem::replace(&mut self.on_alsa, true) {
                    tracing::info!(sound_server = server, "the voice speaks through ALSA");
                }
                sink
            }
        };
        sink.ear.listen(&on_trouble.into());
        Ok(Box::new(sink))
    }

    fn lost(&mut self) {
        if let Some(server) = &mut self.sound_server {
            server.spare = None;
        }
    }
}

impl SystemOutput {
    fn open_on_server(&mut self) -> Result<SystemSink, String> {
        if let Some(server) = &mut self.sound_server
            && let Ok(sink) = server.open()
        {
            return Ok(sink);
        }
        self.sound_server = None;
        let sink = self.sound_server.insert(SoundServer::connect()?).open()?;
        self.on_alsa = false;
        tracing::info!("the voice speaks through the sound server");
        Ok(sink)
    }
}

impl SoundServer {
    fn connect() -> Result<Self, String> {
        if !cpal::available_hosts().contains(&HostId::PulseAudio) {
            return Err("none is running".into());
        }
        if let Err(cause) = cookie::ensure() {
            tracing::info!(%cause, "the sound server may not know this user: its cookie cannot be kept");
        }
        let host = cpal::host_from_id(HostId::PulseAudio).map_err(|cause| cause.to_string())?;
        Ok(Self { host, spare: None })
    }

    fn open(&mut self) -> Result<SystemSink, String> {
        let sink = match self.spare.take().filter(|spare| spare.ear.has_heard_nothing()) {
            Some(spare) => spare,
            None => self.open_another()?,
        };
        self.spare = self.open_another().ok();
        Ok(sink)
    }

    fn open_another(&self) -> Result<SystemSink, String> {
        open(self.host.default_output_device().ok_or("it has no output")?)
    }
}

fn alsa_device() -> Result<Device, String> {
    let host = cpal::host_from_id(HostId::Alsa).map_err(|cause| cause.to_string())?;
    host.default_output_device().ok_or_else(|| "no output".into())
}

fn open(device: Device) -> Result<SystemSink, String> {
    // ALSA's library writes each failure to stderr unless somebody else takes it.
    let _quiet = alsa::Output::local_error_handler();
    let ear = Arc::new(Ear::default());
    let told = Arc::clone(&ear);
    let mut device = DeviceSinkBuilder::from_device(device)
        .map_err(|error| full_text(&error))?
        .with_error_callback(move |error| told.tell(trouble(&error)))
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
    Ok(SystemSink { device: Some(device), latency, beat, ear })
}

/// Passes a device's troubles on, and keeps the last one for whoever takes the device over later.
#[derive(Default)]
struct Ear(Mutex<Heard>);

#[derive(Default)]
struct Heard {
    kept: Option<Trouble>,
    listener: Option<OnTrouble>,
}

impl Ear {
    fn tell(&self, trouble: Trouble) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match heard.listener.clone() {
            Some(listener) => {
                drop(heard);
                listener(trouble);
            }
            None => heard.kept = Some(trouble),
        }
    }

    fn listen(&self, listener: &OnTrouble) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.listener = Some(Arc::clone(listener));
        let kept = heard.kept.take();
        drop(heard);
        if let Some(trouble) = kept {
            listener(trouble);
        }
    }

    fn has_heard_nothing(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).kept.is_none()
    }
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
    ear: Arc<Ear>,
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
