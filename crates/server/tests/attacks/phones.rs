use protocol::{
    ErrorCode,
    phone::{PhoneMe, PhoneSignIn},
    routes,
};
use reqwest::Method;
use testkit::answer::{Answer, client};

use crate::shop::{PASSWORD, Shop, assert_refused};

#[tokio::test]
async fn a_page_of_somebody_else_signs_nobody_in() {
    let shop = Shop::open().await;
    let number = shop.new_number();
    shop.phone().sign_up("Asha Rao", &number, PASSWORD).await.unwrap();
    let body = PhoneSignIn { phone_number: number, password: PASSWORD.into() };
    let send = async |header: &str, value: &str| {
        let request =
            client().unwrap().request(Method::POST, format!("{}{}", shop.origin, routes::PHONE_SIGN_IN)).header(header, value);
        Answer::of(request.json(&body)).await.unwrap()
    };
    for (header, value) in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        let answer = send(header, value).await;
        assert_refused(&answer, ErrorCode::CsrfFailed);
        assert!(answer.header("set-cookie").is_none());
    }
    assert_eq!(send("Origin", &shop.origin).await.status, 200);
}

#[tokio::test]
async fn a_cookie_is_out_of_reach_of_scripts_and_new_at_each_sign_in() {
    let shop = Shop::open().await;
    let number = shop.new_number();
    shop.phone().sign_up("Asha Rao", &number, PASSWORD).await.unwrap();
    let body = PhoneSignIn { phone_number: number, password: PASSWORD.into() };
    let http = client().unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let answer = Answer::of(http.post(format!("{}{}", shop.origin, routes::PHONE_SIGN_IN)).json(&body)).await.unwrap();
        let cookies: Vec<String> =
            answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned()).collect();
        let session = cookies.iter().find(|line| line.starts_with("sessionid=")).unwrap();
        for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=1209600"] {
            assert!(session.contains(part), "{part}");
        }
        seen.push(session.split(';').next().unwrap().to_owned());
    }
    assert_ne!(seen[0], seen[1]);
    // The first one died with the second.
    let old = client().unwrap().get(format!("{}{}", shop.origin, routes::PHONE_ME)).header("Cookie", &seen[0]);
    let me: PhoneMe = Answer::of(old).await.unwrap().json().unwrap();
    assert_eq!(me.first_name, None);
}

#[tokio::test]
async fn signing_out_needs_the_pages_own_token_and_kills_the_cookie() {
    let shop = Shop::open().await;
    let phone = shop.customer().await;
    let body = serde_json::json!({});
    assert_refused(&phone.post_with(None, routes::PHONE_SIGN_OUT, &body).await.unwrap(), ErrorCode::CsrfFailed);
    assert_eq!(phone.me().await.unwrap().first_name.as_deref(), Some("Asha"));
    assert_eq!(phone.post(routes::PHONE_SIGN_OUT, &body).await.unwrap().status, 200);
    assert_eq!(phone.me().await.unwrap().first_name, None);
    assert_eq!(shop.phone().post_with(None, routes::PHONE_SIGN_OUT, &body).await.unwrap().status, 200, "nobody was signed in");
}

#[tokio::test]
async fn a_cookie_kept_by_a_thief_dies_with_the_sign_out() {
    let shop = Shop::open().await;
    let number = shop.new_number();
    shop.phone().sign_up("Asha Rao", &number, PASSWORD).await.unwrap();
    let body = PhoneSignIn { phone_number: number, password: PASSWORD.into() };
    let answer =
        Answer::of(client().unwrap().post(format!("{}{}", shop.origin, routes::PHONE_SIGN_IN)).json(&body)).await.unwrap();
    let cookies = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().split(';').next().unwrap());
    let cookies = cookies.collect::<Vec<_>>().join("; ");
    let me = async || {
        let request = client().unwrap().get(format!("{}{}", shop.origin, routes::PHONE_ME)).header("Cookie", &cookies);
        Answer::of(request).await.unwrap().json::<PhoneMe>().unwrap()
    };
    let csrf = me().await.csrf_token;
    assert!(me().await.first_name.is_some());
    let out = client().unwrap().post(format!("{}{}", shop.origin, routes::PHONE_SIGN_OUT)).header("Cookie", &cookies);
    assert_eq!(Answer::of(out.header(routes::HEADER_CSRF, csrf)).await.unwrap().status, 200);
    assert_eq!(me().await.first_name, None);
}

#[tokio::test]
async fn a_sign_in_lasts_fourteen_days() {
    let shop = Shop::open().await;
    let phone = shop.customer().await;
    shop.pass(14 * 24 * 3_600 - 1);
    assert!(phone.me().await.unwrap().first_name.is_some());
    shop.pass(1);
    assert_eq!(phone.me().await.unwrap().first_name, None);
}

#[tokio::test]
async fn end_session_needs_the_pages_own_token() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let (held, claim) = shop.signed_in(&kiosk, &phone).await;
    let path = routes::with_id(routes::PHONE_CLAIM_END, claim);
    assert_refused(&phone.post_with(None, &path, &serde_json::json!({})).await.unwrap(), ErrorCode::CsrfFailed);
    assert_eq!(kiosk.snapshot(&held.token).await.unwrap().status, 200);
}
