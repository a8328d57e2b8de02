//! A finger and a keyboard on the real screen, and a look at what was marked on it (X11 with XTEST).

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use x11rb::{
    CURRENT_TIME,
    connection::Connection as _,
    protocol::{
        Event,
        xproto::{
            AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, CreateWindowAux, KEY_PRESS_EVENT,
            KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, Window, WindowClass,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use crate::{desktop::Display, wait};

/// The left shift key (X11's keysymdef.h).
const SHIFT: u32 = 0xffe1;
/// How long the owner of a selection may take to hand it out.
const LIMIT: Duration = Duration::from_secs(5);

/// Keys without a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Key {
    /// Return.
    Return = 0xff0d,
    /// Home.
    Home = 0xff50,
}

/// What was marked, or copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// What is marked now.
    Primary,
    /// What was copied.
    Clipboard,
}

/// Hands before a screen.
#[derive(Debug)]
pub struct Hands {
    connection: RustConnection,
    root: Window,
    /// Asks for selections.
    window: Window,
}

impl Hands {
    /// Hands before `display`.
    ///
    /// # Errors
    /// The X server does not answer, or knows no XTEST.
    pub fn before(display: &Display) -> Result<Self> {
        let (connection, screen) = x11rb::connect(Some(&display.name()))?;
        connection.xtest_get_version(2, 2)?.reply().context("the X server has no XTEST")?;
        let root = connection.setup().roots[screen].root;
        let window = connection.generate_id()?;
        let (class, none) = (WindowClass::INPUT_ONLY, CreateWindowAux::new());
        connection.create_window(0, window, root, 0, 0, 1, 1, 0, class, 0, &none)?.check()?;
        Ok(Self { connection, root, window })
    }

    /// Touches the screen at that pixel.
    ///
    /// # Errors
    /// The X server does not answer.
    pub fn touch(&self, x: i16, y: i16) -> Result<()> {
        self.press(x, y)?;
        self.lift()
    }

    /// Lays a finger down.
    ///
    /// # Errors
    /// The X server does not answer.
    pub fn press(&self, x: i16, y: i16) -> Result<()> {
        self.fake(MOTION_NOTIFY_EVENT, 0, x, y)?;
        self.fake(BUTTON_PRESS_EVENT, 1, 0, 0)
    }

    /// Lifts it.
    ///
    /// # Errors
    /// The X server does not answer.
    pub fn lift(&self) -> Result<()> {
        self.fake(BUTTON_RELEASE_EVENT, 1, 0, 0)
    }

    /// Types a text of the keyboard's own letters, without capitals.
    ///
    /// # Errors
    /// The keyboard has no such letter.
    pub fn write(&self, text: &str) -> Result<()> {
        text.chars().try_for_each(|letter| self.strike(u32::from(letter)))
    }

    /// Strikes a key.
    ///
    /// # Errors
    /// The keyboard has no such key.
    pub fn key(&self, key: Key) -> Result<()> {
        self.strike(key as u32)
    }

    /// The same while shift is held.
    ///
    /// # Errors
    /// The keyboard has no such key.
    pub fn shift(&self, key: Key) -> Result<()> {
        let shift = self.code(SHIFT)?;
        self.fake(KEY_PRESS_EVENT, shift, 0, 0)?;
        let struck = self.strike(key as u32);
        self.fake(KEY_RELEASE_EVENT, shift, 0, 0)?;
        struck
    }

    fn strike(&self, symbol: u32) -> Result<()> {
        let code = self.code(symbol)?;
        self.fake(KEY_PRESS_EVENT, code, 0, 0)?;
        self.fake(KEY_RELEASE_EVENT, code, 0, 0)
    }

    /// The key that gives that symbol without shift.
    fn code(&self, symbol: u32) -> Result<u8> {
        let (first, last) = (self.connection.setup().min_keycode, self.connection.setup().max_keycode);
        let map = self.connection.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let keys = map.keysyms.chunks(usize::from(map.keysyms_per_keycode));
        let place = keys.map(<[u32]>::first).position(|plain| plain == Some(&symbol));
        let place = place.with_context(|| format!("the keyboard has no key for {symbol:#x}"))?;
        Ok(first + u8::try_from(place)?)
    }

    fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) -> Result<()> {
        self.connection.xtest_fake_input(kind, detail, CURRENT_TIME, self.root, x, y, 0)?.check()?;
        Ok(())
    }

    /// The text of a selection; none where nobody has it.
    ///
    /// # Errors
    /// The X server does not answer, or the owner does not.
    pub fn selection(&self, selection: Selection) -> Result<Option<String>> {
        let atom = |name: &[u8]| -> Result<u32> { Ok(self.connection.intern_atom(false, name)?.reply()?.atom) };
        let selection = match selection {
            Selection::Primary => AtomEnum::PRIMARY.into(),
            Selection::Clipboard => atom(b"CLIPBOARD")?,
        };
        if self.connection.get_selection_owner(selection)?.reply()?.owner == x11rb::NONE {
            return Ok(None);
        }
        let (text, property) = (atom(b"UTF8_STRING")?, atom(b"VITRINE_TESTKIT")?);
        self.connection.convert_selection(self.window, selection, text, property, CURRENT_TIME)?.check()?;
        let answer = wait::blocking("the owner of a selection answers", LIMIT, || {
            Ok(match self.connection.poll_for_event()? {
                Some(Event::SelectionNotify(answer)) if answer.selection == selection => Some(answer),
                _ => None,
            })
        })?;
        if answer.property == x11rb::NONE {
            return Ok(None);
        }
        let value = self.connection.get_property(true, self.window, property, AtomEnum::ANY, 0, u32::MAX)?.reply()?.value;
        self.connection.sync()?;
        match String::from_utf8(value) {
            Ok(text) => Ok(Some(text)),
            Err(_) => bail!("the selection is no text"),
        }
    }
}
