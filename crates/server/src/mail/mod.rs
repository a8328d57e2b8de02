//! Mail: links that reset a password or verify an address.
//!
//! Who asks waits for nothing and learns nothing: the wish is kept in the database, the same whether or not anybody has the
//! address, and what is to be written is found out when it is sent. A link's token is made only then, so that nothing which
//! waits opens anything.

mod deliver;
mod letter;
mod queue;
mod settings;

pub(crate) use deliver::try_out;
pub(crate) use queue::{Wish, ask};
pub use queue::{keep_sending, send_due};
pub use settings::{MailSettings, MailSource, MailTls};
