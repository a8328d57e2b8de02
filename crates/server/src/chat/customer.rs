//! A customer's turn: the shop remembers, fetches staff, or lets the assistant answer.

use protocol::chat::{ChatAction, ChatRole, UiHint};
use serde_json::json;
use server_store::records::{Dialogue, ProfileOwner, ProfileRecord};

use super::{
    button::button,
    recalled::{self, OfProfile},
    remember::{self, Remembered},
    told::Told,
    turn::{Said, Scene, Turn, of_assistant, shown},
    wanted,
};
use crate::{
    assistant::{Question, Reply, answer::apology, spoken_of, words},
    http::Answer,
    profile::blank,
    request::RequestError,
    transaction::Tx,
};

/// What a customer's turn is about.
enum About {
    /// The first turn, without a question.
    Greeting,
    /// Send the draft.
    Approve,
    /// Change the draft.
    Edit,
    /// Drop the draft.
    Cancel,
    /// A change of the draft that is being changed.
    Amend,
    /// Somebody of the store.
    People(String),
    /// The own profile.
    Profile(OfProfile),
    /// Only something about the customer, or only photos.
    Telling,
    /// Everything else.
    Shop(String),
}

const YES: &[&str] =
    &["yes", "yes please", "yes send it", "send it", "please send it", "go ahead", "ok send it", "sure", "please do"];
const NO: &[&str] = &["no", "no thanks", "no thank you", "cancel", "cancel it", "never mind", "don't send it", "do not send it"];
const EDIT: &[&str] = &["change it", "edit it", "let me change it", "edit"];
const GREETINGS: &[&str] =
    &["hi", "hello", "hey", "good morning", "good afternoon", "good evening", "namaste", "hi there", "hello there"];

impl About {
    fn read(turn: &Turn, scene: &Scene) -> (Self, Told) {
        let nothing = Told::default();
        match turn.action {
            Some(ChatAction::ApproveRequest) => return (Self::Approve, nothing),
            Some(ChatAction::EditRequest) => return (Self::Edit, nothing),
            Some(ChatAction::CancelRequest) => return (Self::Cancel, nothing),
            _ => {}
        }
        let text = words(&turn.message).join(" ");
        if text.is_empty() {
            return (if turn.media.is_empty() { Self::Greeting } else { Self::Telling }, nothing);
        }
        if scene.dialogue.draft.is_some() {
            let says = |list: &[&str]| list.contains(&text.as_str());
            match scene.dialogue.awaiting_approval {
                true if says(YES) => return (Self::Approve, nothing),
                true if says(EDIT) => return (Self::Edit, nothing),
                _ if says(NO) => return (Self::Cancel, nothing),
                false => return (Self::Amend, nothing),
                true => {}
            }
        }
        if scene.before.is_empty() && scene.first_name.is_some() && GREETINGS.contains(&text.as_str()) {
            return (Self::Greeting, nothing);
        }
        if let Some(wish) = OfProfile::read(&turn.message, scene.profile.as_ref()) {
            return (Self::Profile(wish), nothing);
        }
        let (told, rest) = Told::read(&turn.message, &scene.question.currency);
        let about = match rest {
            rest if rest.is_empty() => Self::Telling,
            rest if wanted::asks_for_people(&rest) => Self::People(rest),
            rest => Self::Shop(rest),
        };
        (about, told)
    }
}

/// What the assistant is asked; none where it is not needed.
pub(super) fn question(turn: &Turn, scene: &Scene) -> Option<Question> {
    if turn.role != ChatRole::Consumer {
        return None;
    }
    match About::read(turn, scene).0 {
        About::Shop(rest) => Some(Question { message: rest, ..scene.question.clone() }),
        _ => None,
    }
}

/// Whether a message asks for the cart.
pub(super) fn is_about_cart(message: &str) -> bool {
    words(message).iter().any(|word| ["cart", "basket", "trolley"].contains(&word.as_str()))
}

/// Does what the customer wants.
///
/// # Errors
/// The store failed.
pub(super) async fn act(
    tx: &mut Tx,
    turn: &Turn,
    scene: &Scene,
    dialogue: &mut Dialogue,
    thought: Option<Reply>,
) -> Answer<Said> {
    let (about, told) = About::read(turn, scene);
    // Since the look around another turn may have changed it.
    let mut profile = own_profile(tx, turn).await?;
    let done = remember_told(tx, turn, profile.as_mut(), &told, scene).await?;
    remember::establish(dialogue, &done.facts, tx.now());
    let mut said = match about {
        About::Greeting => greet(scene),
        About::Approve => approve(tx, turn, dialogue).await?,
        About::Edit => edit(dialogue),
        About::Cancel => cancel(dialogue),
        About::Amend => amend(dialogue, turn, scene),
        About::People(rest) => draft(tx, turn, scene, dialogue, profile.as_ref(), &rest).await?,
        About::Profile(wish) => of_profile(tx, profile.as_mut(), &wish).await?,
        About::Telling => telling(turn, &done),
        About::Shop(_) => shop(thought.unwrap_or_else(apology), &done, scene),
    };
    if !done.facts.is_empty() {
        said.data.gathered_info = remember::established(dialogue);
    }
    said.profile_changed |= done.changed;
    if let Some(profile) = profile.as_ref().filter(|_| said.profile_changed || said.data.consumer_profile.is_some()) {
        said.data.consumer_profile = Some(shown(profile));
        if matches!(profile.owner, ProfileOwner::Guest(_)) {
            said.data.buttons.push(button("Connect now", ChatAction::ConnectNow));
        }
    }
    Ok(said)
}

async fn own_profile(tx: &mut Tx, turn: &Turn) -> Answer<Option<ProfileRecord>> {
    let Some(owner) = turn.speaker.owner else { return Ok(None) };
    Ok(Some(tx.profile(owner.profile()).await?.unwrap_or_else(|| blank(owner, tx.now()))))
}

async fn keep(tx: &mut Tx, profile: &mut ProfileRecord) -> Answer<()> {
    profile.version += 1;
    profile.updated_at = tx.now();
    Ok(tx.put_profile(profile).await?)
}

async fn remember_told(
    tx: &mut Tx,
    turn: &Turn,
    profile: Option<&mut ProfileRecord>,
    told: &Told,
    scene: &Scene,
) -> Answer<Remembered> {
    if told.is_nothing() {
        return Ok(Remembered::default());
    }
    let Some(profile) = profile else {
        // The holder of a customer's session: the conversation knows it, no profile does.
        let mut unkept = blank(ProfileOwner::Guest(turn.speaker.session.id), tx.now());
        let done = remember::remember(&mut unkept, told, &scene.country);
        let sentences = vec!["I will keep that in mind. Sign in, and I will remember it next time too.".to_owned()];
        return Ok(Remembered { sentences, changed: false, ..done });
    };
    let done = remember::remember(profile, told, &scene.country);
    if done.changed {
        keep(tx, profile).await?;
    }
    Ok(done)
}

fn welcome(scene: &Scene) -> Option<String> {
    scene.first_name.as_ref().map(|name| format!("Welcome back, {name}!"))
}

fn greet(scene: &Scene) -> Said {
    let text = match welcome(scene) {
        Some(welcome) => format!("{welcome} How can I help you today?"),
        None => "Hello! What are you looking for today?".to_owned(),
    };
    let mut said = Said::text(text);
    said.data.suggestion = Some("What is popular right now?".into());
    said
}

async fn approve(tx: &mut Tx, turn: &Turn, dialogue: &mut Dialogue) -> Answer<Said> {
    let Some(draft) = dialogue.draft.clone() else { return Ok(Said::text(NO_DRAFT)) };
    // Staff know a customer without an account by the session.
    let owner = turn.speaker.owner.unwrap_or(ProfileOwner::Guest(turn.speaker.session.id));
    let request = match super::request::send(tx, owner, draft).await {
        Ok(request) => request,
        Err(error @ RequestError::TooMany) => return Ok(Said::text(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    dialogue.draft = None;
    dialogue.awaiting_approval = false;
    let mut said = Said::text("I have sent it to our staff. They will answer you as soon as they can.");
    said.data.request_id = Some(request.id);
    said.data.ui_hint = Some(UiHint::RequestCreated);
    Ok(said)
}

const NO_DRAFT: &str = "There is nothing to send. Tell me what our staff can do for you.";

fn edit(dialogue: &mut Dialogue) -> Said {
    if dialogue.draft.is_none() {
        return Said::text(NO_DRAFT);
    }
    dialogue.awaiting_approval = false;
    Said::text("What shall I change? Tell me the size, the time, or say it in other words.")
}

fn cancel(dialogue: &mut Dialogue) -> Said {
    dialogue.awaiting_approval = false;
    match dialogue.draft.take() {
        Some(_) => Said::text("All right, I have not sent anything."),
        None => Said::text(NO_DRAFT),
    }
}

fn amend(dialogue: &mut Dialogue, turn: &Turn, scene: &Scene) -> Said {
    let Some(draft) = &mut dialogue.draft else { return Said::text(NO_DRAFT) };
    wanted::amend(draft, &turn.message, &scene.question.currency);
    draft.media.extend(turn.media.iter().map(crate::media::wire));
    dialogue.awaiting_approval = true;
    ask_to_send(dialogue)
}

async fn draft(
    tx: &mut Tx,
    turn: &Turn,
    scene: &Scene,
    dialogue: &mut Dialogue,
    profile: Option<&ProfileRecord>,
    rest: &str,
) -> Answer<Said> {
    let mut draft = wanted::draft(rest, &scene.question.currency);
    let question = Question { message: rest.to_owned(), ..scene.question.clone() };
    if let Some(product) = spoken_of(tx.reader(), &question).await? {
        draft.details.insert("sku".into(), json!(product.sku));
        draft.details.insert("product".into(), json!(product.name));
    }
    draft.location.city = profile.and_then(|profile| profile.default_location.city.clone());
    draft.media = turn.media.iter().map(crate::media::wire).collect();
    dialogue.draft = Some(draft);
    dialogue.awaiting_approval = true;
    Ok(ask_to_send(dialogue))
}

fn ask_to_send(dialogue: &Dialogue) -> Said {
    let Some(draft) = &dialogue.draft else { return Said::text(NO_DRAFT) };
    let mut said = Said::text(format!("Shall I send this to our staff? {}", wanted::described(draft)));
    said.data.buttons = vec![
        button("Send", ChatAction::ApproveRequest),
        button("Change", ChatAction::EditRequest),
        button("Cancel", ChatAction::CancelRequest),
    ];
    if draft.timing.is_none() && draft.service_category == "tailoring" {
        said.data.ui_hint = Some(UiHint::CalendarPicker);
    }
    said
}

async fn of_profile(tx: &mut Tx, profile: Option<&mut ProfileRecord>, wish: &OfProfile) -> Answer<Said> {
    let Some(profile) = profile else { return Ok(Said::text("Sign in, and I will remember what you tell me.")) };
    let mut said = match wish {
        OfProfile::Hear => Said::text(recalled::everything(Some(profile))),
        OfProfile::HearOne(key) => match recalled::recall(profile, key) {
            Some(value) => Said::text(format!("Your {} is {}.", key.replace('_', " "), remember::value_in_words(&value))),
            None => Said::text(format!("I do not know your {} yet.", key.replace('_', " "))),
        },
        OfProfile::Forget(key) => {
            let forgotten = recalled::forget(profile, key);
            if forgotten {
                keep(tx, profile).await?;
            }
            let key = key.replace('_', " ");
            let text = if forgotten { format!("I have forgotten your {key}.") } else { format!("I did not know your {key}.") };
            Said { profile_changed: forgotten, ..Said::text(text) }
        }
        OfProfile::ForgetAll => {
            recalled::forget_all(profile);
            keep(tx, profile).await?;
            Said { profile_changed: true, ..Said::text("I have forgotten everything I knew about you.") }
        }
    };
    said.data.consumer_profile = Some(shown(profile));
    Ok(said)
}

fn telling(turn: &Turn, done: &Remembered) -> Said {
    let mut sentences = done.sentences.clone();
    let mut said = Said::default();
    if !turn.media.is_empty() {
        let what = if turn.media.len() == 1 { "it" } else { "them" };
        sentences.push(format!("I have kept {what} for a day. I cannot see what is on {what}; shall I ask our staff to look?"));
        said.data.suggestion = Some("Ask staff to look at my photo".into());
    }
    said.text = sentences.join(" ");
    said
}

fn shop(reply: Reply, done: &Remembered, scene: &Scene) -> Said {
    let useless = reply.intent == "fallback" && !done.sentences.is_empty();
    let mut said = of_assistant(reply);
    let mut sentences: Vec<String> = Vec::new();
    if scene.before.is_empty() {
        sentences.extend(welcome(scene).filter(|welcome| !said.text.starts_with(welcome.as_str())));
    }
    sentences.extend(done.sentences.iter().cloned());
    if !useless {
        sentences.push(std::mem::take(&mut said.text));
    }
    said.text = sentences.join(" ");
    said
}
