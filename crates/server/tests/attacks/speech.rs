use protocol::{ErrorCode, routes, speech::MAX_CHARACTERS};
use reqwest::Method;
use serde_json::json;

use crate::shop::{Shop, assert_refused};

#[tokio::test]
async fn a_kiosk_hears_its_text_as_wav() {
    let shop = Shop::open().await;
    let wav = shop.kiosk().await.speech("Good evening, Asha.").await.unwrap();
    assert_eq!((&wav[..4], &wav[8..12]), (b"RIFF".as_slice(), b"WAVE".as_slice()));
    assert!(wav.len() > 20_000, "{} bytes are less than half a second", wav.len());
}

#[tokio::test]
async fn an_endless_text_is_refused() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let body = json!({"input": "ह".repeat(MAX_CHARACTERS + 1)});
    assert_refused(&kiosk.call(Method::POST, routes::SPEECH, None, Some(&body)).await.unwrap(), ErrorCode::ValidationError);
    let body = json!({"input": "\u{0}\u{7}"});
    assert_refused(&kiosk.call(Method::POST, routes::SPEECH, None, Some(&body)).await.unwrap(), ErrorCode::ValidationError);
}

#[tokio::test]
async fn a_kiosk_says_so_much_a_minute_and_no_more() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let body = json!({"input": "", "locale": "en"});
    for _ in 0..120 {
        kiosk.call(Method::POST, routes::SPEECH, None, Some(&body)).await.unwrap();
    }
    assert_refused(&kiosk.call(Method::POST, routes::SPEECH, None, Some(&body)).await.unwrap(), ErrorCode::RateLimited);
}
