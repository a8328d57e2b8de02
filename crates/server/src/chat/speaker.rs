use protocol::{
    ids::{ProfileId, StoreId},
    session::{Assurance, Channel},
};
use server_store::{
    ReadTx,
    records::{AccountRecord, ProfileOwner, SessionRecord},
};

use crate::{
    auth,
    caller::{Visit, Visitor},
    http::Answer,
    profile,
    session::{SessionError, operations},
    state::AppState,
    transaction::Tx,
};

/// Who talks, and in which conversation. Everybody has one: a customer the one of all channels, a guest that of the guest.
#[derive(Clone, Debug)]
pub struct Speaker {
    /// The conversation.
    pub session: SessionRecord,
    /// Whose profile the speaker may read and change; none for the holder of a customer's session, which proves no account.
    pub owner: Option<ProfileOwner>,
    /// Who is signed in.
    pub account: Option<AccountRecord>,
    /// The token of the session that was begun for a new guest. Secret.
    pub begun: Option<String>,
    /// Where.
    pub channel: Channel,
    /// Whose stock counts.
    pub store: Option<StoreId>,
}

impl Speaker {
    /// The name under which the speaker's files, tasks and requests are kept.
    #[must_use]
    pub fn id(&self) -> ProfileId {
        self.owner.map_or(ProfileId(self.session.id.0), ProfileOwner::profile)
    }
}

/// The visitor with the conversation of the visitor's own; a guest's is begun for nobody. `alias` is what the client calls its
/// guest.
///
/// # Errors
/// 403: a kiosk without a session. 429: too many guests were begun.
pub async fn speaker(tx: &mut Tx, visit: &Visit, alias: Option<ProfileId>) -> Answer<Speaker> {
    let caller = &visit.caller;
    let channel = caller.bound_channel().unwrap_or(Channel::Web);
    let store = caller.device.as_ref().map(|device| device.store_id.clone());
    let with = |session, owner| Speaker { session, owner, account: None, begun: None, channel, store: store.clone() };
    match &visit.visitor {
        Visitor::Account(account) => {
            let customer = auth::operations::customer_of(tx, account.record.id).await?;
            let session = operations::session_for_customer(tx, &customer, channel, Assurance::Password).await?;
            let owner = ProfileOwner::Account(account.record.id);
            Ok(Speaker { account: Some(account.record.clone()), ..with(session, Some(owner)) })
        }
        Visitor::Guest(guest) => {
            let token = tx.state().key.session_token(guest.id, guest.generation);
            let own = caller.use_own(tx, &token).await?;
            Ok(with(own.session, Some(ProfileOwner::Guest(guest.id))))
        }
        Visitor::Nobody => {
            if let Some(token) = caller.token() {
                match caller.use_own(tx, token).await {
                    Ok(own) => return Ok(with(own.session, None)),
                    Err(SessionError::NotFound | SessionError::Expired) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            visit.not_from_device()?;
            let guest = profile::guest::begin(tx, caller, alias).await?;
            let begun = Some(guest.token(tx));
            let owner = ProfileOwner::Guest(guest.session.id);
            Ok(Speaker { begun, ..with(guest.session, Some(owner)) })
        }
    }
}

/// The conversation of the visitor's own, where there is one already.
///
/// # Errors
/// The store failed.
pub async fn own_session(tx: &mut dyn ReadTx, state: &AppState, visit: &Visit) -> Answer<Option<SessionRecord>> {
    let found = match &visit.visitor {
        Visitor::Account(account) => match &account.record.customer_id {
            Some(customer) => tx.active_session_of(customer).await?,
            None => None,
        },
        Visitor::Guest(session) => Some((**session).clone()),
        Visitor::Nobody => match visit.caller.token() {
            Some(token) => match visit.caller.own(tx, state, token).await {
                Ok(own) => Some(own.session),
                Err(SessionError::NotFound | SessionError::Expired) => None,
                Err(error) => return Err(error.into()),
            },
            None => None,
        },
    };
    Ok(found.filter(|session| session.is_live(state.now())))
}

/// The names under which the visitor's own files and tasks are kept; none of nobody.
///
/// # Errors
/// The store failed.
pub async fn names(tx: &mut dyn ReadTx, state: &AppState, visit: &Visit) -> Answer<Vec<ProfileId>> {
    if let Some(owner) = visit.visitor.owner() {
        return Ok(vec![owner.profile()]);
    }
    let Some(token) = visit.caller.token() else { return Ok(Vec::new()) };
    match visit.caller.own(tx, state, token).await {
        Ok(own) => Ok(vec![ProfileId(own.session.id.0)]),
        Err(SessionError::NotFound | SessionError::Expired) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}
