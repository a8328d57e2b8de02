//! Conversations, written and spoken.

use protocol::{ErrorCode, account, chat, ids, media, transcript, voice_agent, voice_session, voice_start};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::samples::{at, card, id, line, wire};

fn reads<T: DeserializeOwned>(sent: Value) -> T {
    serde_json::from_value(sent).unwrap()
}

#[test]
fn spoken_conversations() {
    let item = voice_session::HistoryItem {
        id: ids::VoiceSessionId(id(1)),
        room: "quickstart".into(),
        started_at: at(),
        ended_at: Some(at()),
        utterance_count: 24,
        system_prompt: "Be kind.".into(),
    };
    let report: voice_session::IngestRequest = reads(json!({
        "session": {"id": "9d0b", "room": "quickstart", "user_id": null},
        "events": [{"role": "user", "text": "hello", "is_final": true, "final": true, "seq": 1}],
    }));
    assert_eq!(report.events.unwrap()[0].last, Some(true));
    insta::assert_json_snapshot!(json!([
        wire(&voice_session::HistoryPage {
            count: 45,
            next: Some("/api/users/history?limit=20&offset=20".into()),
            previous: None,
            results: vec![item],
        }),
        wire(&voice_session::HistoryEntry {
            id: ids::VoiceSessionId(id(1)),
            room: "quickstart".into(),
            started_at: at(),
            ended_at: None,
            duration_ms: None,
            system_prompt: "Be kind.".into(),
            metadata: serde_json::Map::new(),
            utterances: vec![voice_session::Utterance {
                id: ids::UtteranceId(id(2)),
                session: ids::VoiceSessionId(id(1)),
                seq: 1,
                role: voice_session::Speaker::Agent,
                text: "Hello!".into(),
                event: None,
                is_final: true,
                created_at: at(),
            }],
        }),
        wire(&voice_session::SaveSessionRequest {
            session_id: "9d0b".into(),
            messages: vec![voice_session::SavedMessage { role: "user".into(), text: "hello".into(), timestamp: Some(1.0) }],
            ticket: None,
        }),
        wire(&voice_session::IngestAnswer { created: 2, ended: false }),
    ]));
}

#[test]
fn spoken_conversations_while_they_live() {
    let said = |role, text: Option<&str>, event: Option<&str>, is_final| transcript::TranscriptEvent {
        id: "u-7".into(),
        seq: 12,
        at: at(),
        role,
        text: text.map(Into::into),
        event: event.map(Into::into),
        reason: None,
        code: None,
        is_final,
        last: is_final,
    };
    insta::assert_json_snapshot!(json!([
        wire(&voice_start::VoiceToken {
            token: "jwt".into(),
            room: "v-5b1d".into(),
            identity: "asha-4k2p9q".into(),
            url: "wss://media.example.com".into(),
            ticket: "t_1".into(),
            expires_at: at(),
        }),
        wire(&voice_start::StartVoiceRequest {
            room: "quickstart".into(),
            identity: "asha-4k2p9q".into(),
            system_prompt: Some("Be kind.".into()),
            ticket: None,
        }),
        wire(&voice_start::VoiceStarted {
            session_id: ids::VoiceSessionId(id(1)),
            room: "v-5b1d".into(),
            identity: "asha-4k2p9q".into(),
            ticket: "t_2".into(),
            ws_url: "wss://shop.example/ws/transcript/1".into(),
        }),
        wire(&voice_start::VoiceStopped { stopped: true }),
        wire(&said(voice_session::Speaker::User, Some("A white"), None, false)),
        wire(&said(voice_session::Speaker::Agent, None, Some(transcript::SPEECH_STARTED), true)),
        wire(&transcript::TranscriptEvent {
            reason: Some(voice_session::VoiceEnd::Stopped),
            ..said(voice_session::Speaker::Event, None, Some(transcript::SESSION_ENDED), true)
        }),
        wire(&transcript::TranscriptEvent {
            code: Some(ErrorCode::VoiceUnavailable),
            ..said(voice_session::Speaker::Event, None, Some(transcript::ERROR), true)
        }),
        wire(&voice_agent::VoiceBriefing {
            session_id: ids::VoiceSessionId(id(1)),
            room: Some("v-5b1d".into()),
            identity: Some("asha-4k2p9q".into()),
            label: "quickstart".into(),
            user_id: Some(ids::AccountId(id(2))),
            prompt: "Rules. Be kind.".into(),
            policy: "Rules.".into(),
            persona: "Be kind.".into(),
            voice: account::Voice::Nova,
            language: account::Language::Es,
            topics: vec!["travel".into()],
            started_at: at(),
            ended_at: None,
        }),
        wire(&voice_agent::VoiceAgentReport {
            name: "agent-1".into(),
            stt: Some("deepgram".into()),
            tts: None,
            llm: None,
            tts_voice: None,
            ready: Some(false),
        }),
        wire(&voice_agent::VoiceAgentSeen { until: at() }),
        wire(&voice_agent::Diagnostics {
            livekit: voice_agent::MediaSettings { url: true, api_key: true, api_secret: false },
            providers: voice_agent::Providers { stt: Some("deepgram".into()), ..Default::default() },
            persistence: voice_agent::Persistence { configured: true, last_ingest_ts: Some(at()), event_count: 2 },
        }),
    ]));
}

#[test]
fn chat_and_media() {
    let object = |value: Value| value.as_object().cloned().unwrap();
    let stored = media::StoredMedia {
        id: ids::MediaId(id(1)),
        url: "/media/k3f.jpg".into(),
        kind: media::MediaKind::Image,
        mime_type: "image/jpeg".into(),
        filename: Some("hem.jpg".into()),
        size_bytes: 1_024,
        created_at: at(),
        session_id: Some(ids::SessionId(id(2))),
        session_token: None,
    };
    let upload = media::MediaUpload {
        kind: media::MediaKind::Video,
        data: "AAAA".into(),
        mime_type: "video/mp4".into(),
        filename: None,
        session_id: None,
    };
    let draft = chat::Draft {
        service_type: "size_request".into(),
        service_category: "sizing".into(),
        description: "Can someone bring me size 44?".into(),
        details: object(json!({"size": "44"})),
        location: chat::DraftLocation { city: Some("Springfield".into()) },
        budget: chat::DraftBudget { min: None, max: Some(40.0) },
        timing: Some("today".into()),
        media: vec![stored.clone()],
        specialist_notes: None,
    };
    let response = chat::ChatResponse {
        session_id: ids::SessionId(id(2)),
        message: "Shall I send this?".into(),
        data: chat::ChatData {
            gathered_info: object(json!({"city": "Springfield"})),
            request_id: Some(ids::ServiceRequestId(id(3))),
            suggestion: Some("My leads".into()),
            categories: vec!["Alterations".into()],
            buttons: vec![chat::Button { label: "Connect now".into(), action: chat::ChatAction::ConnectNow }],
            ui_hint: Some(chat::UiHint::RequestCreated),
            enrollment_updated: true,
            cards: vec![card()],
            cart: Some(vec![line()]),
            media: vec![stored.clone()],
            error_code: Some(ErrorCode::BudgetExceeded),
            ..chat::ChatData::default()
        },
        draft: Some(draft),
        awaiting_approval: true,
        task_id: None,
        session_token: Some("0".repeat(32)),
    };
    let waiting = chat::ChatResponse {
        message: "Processing your message...".into(),
        data: chat::ChatData { task_id: Some("k9".into()), status: Some("processing".into()), ..chat::ChatData::default() },
        draft: None,
        awaiting_approval: false,
        task_id: Some("k9".into()),
        session_token: None,
        ..response.clone()
    };
    let request: chat::ChatRequest = serde_json::from_value(json!({"message": "hello", "role": null})).unwrap();
    assert_eq!((request.role, request.media), (None, None));
    insta::assert_json_snapshot!(json!([
        wire(&chat::ChatRequest {
            message: Some("hello".into()),
            role: Some(chat::ChatRole::Enrollment),
            media: Some(vec![upload]),
            action: Some(chat::ChatAction::ApproveRequest),
            ..chat::ChatRequest::default()
        }),
        wire(&response),
        wire(&waiting),
        wire(&chat::TaskAnswer {
            task_id: "k9".into(),
            status: chat::TaskStatus::Success,
            result: Some(Box::new(waiting)),
            error: None,
        }),
        wire(&chat::TaskAnswer {
            task_id: "k9".into(),
            status: chat::TaskStatus::Failure,
            result: None,
            error: Some(ErrorCode::AssistantUnavailable),
        }),
        wire(&stored),
        wire(&media::MediaDeleted { deleted: true }),
    ]));
}
