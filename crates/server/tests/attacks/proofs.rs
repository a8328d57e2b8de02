use protocol::{
    ErrorCode,
    device::{ProofClaims, ProofHeader},
    routes,
};
use reqwest::Method;
use testkit::{
    answer::{Answer, client},
    kiosk::FakeKiosk,
};

use crate::shop::{Shop, assert_refused};

/// Calls `GET /v1/devices/me` with claims of the test's choosing.
async fn call(kiosk: &FakeKiosk, change: impl FnOnce(&mut ProofClaims)) -> Answer {
    let mut claims = kiosk.claims(&Method::GET, routes::DEVICE_SELF, None);
    change(&mut claims);
    let proof = kiosk.key().sign(&claims).unwrap();
    kiosk.call_with(&proof, Method::GET, routes::DEVICE_SELF, None, None).await.unwrap()
}

#[tokio::test]
async fn a_replayed_proof_is_refused() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let proof = kiosk.key().sign(&kiosk.claims(&Method::GET, routes::DEVICE_SELF, None)).unwrap();
    let send = async || kiosk.call_with(&proof, Method::GET, routes::DEVICE_SELF, None, None).await.unwrap();
    assert_eq!(send().await.status, 200);
    assert_refused(&send().await, ErrorCode::InvalidProof);
    shop.pass(60);
    assert_refused(&send().await, ErrorCode::InvalidProof);
}

#[tokio::test]
async fn a_proof_replayed_many_times_at_once_is_taken_once() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let proof = kiosk.key().sign(&kiosk.claims(&Method::GET, routes::DEVICE_SELF, None)).unwrap();
    let send = || kiosk.call_with(&proof, Method::GET, routes::DEVICE_SELF, None, None);
    let answers = tokio::join!(send(), send(), send(), send(), send(), send());
    let statuses: Vec<u16> = <[_; 6]>::from(answers).into_iter().map(|answer| answer.unwrap().status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn a_proof_for_another_address_or_method_is_refused() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let path = routes::DEVICE_SELF;
    assert_eq!(call(&kiosk, |_| ()).await.status, 200);
    assert_refused(&call(&kiosk, |claims| claims.htm = "POST".into()).await, ErrorCode::InvalidProof);
    assert_refused(&call(&kiosk, |claims| claims.htu = format!("https://evil.example{path}")).await, ErrorCode::InvalidProof);
    assert_refused(
        &call(&kiosk, |claims| claims.htu = claims.htu.replace(path, routes::HANDOFFS)).await,
        ErrorCode::InvalidProof,
    );
}

#[tokio::test]
async fn a_relay_that_names_its_own_host_is_refused() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let mut claims = kiosk.claims(&Method::GET, routes::DEVICE_SELF, None);
    claims.htu = format!("http://evil.example{}", routes::DEVICE_SELF);
    let proof = kiosk.key().sign(&claims).unwrap();
    let request = client().unwrap().get(format!("{}{}", shop.origin, routes::DEVICE_SELF));
    let relayed =
        request.header("Host", "evil.example").header("X-Forwarded-Host", "evil.example").header(routes::HEADER_PROOF, proof);
    assert_refused(&Answer::of(relayed).await.unwrap(), ErrorCode::InvalidProof);
}

#[tokio::test]
async fn a_proof_without_a_fresh_nonce_is_refused_and_told_one() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let answer = call(&kiosk, |claims| claims.nonce = None).await;
    assert_refused(&answer, ErrorCode::InvalidProof);
    assert_eq!(answer.header(routes::HEADER_PROOF_NONCE), Some(shop.state.proofs.nonce().as_str()));
    assert_refused(&call(&kiosk, |claims| claims.nonce = Some("AAAAAAAAAAAAAAAAAAAAAA".into())).await, ErrorCode::InvalidProof);

    let old = shop.state.proofs.nonce();
    shop.pass(600);
    assert_refused(&call(&kiosk, |claims| claims.nonce = Some(old)).await, ErrorCode::InvalidProof);
    let answer = call(&kiosk, |_| ()).await;
    assert_eq!(answer.status, 200, "the refusal brought a fresh one");
    assert!(answer.header(routes::HEADER_PROOF_NONCE).is_some(), "every answer does");
}

#[tokio::test]
async fn a_proof_of_another_time_is_refused() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    assert_refused(&call(&kiosk, |claims| claims.iat -= 61).await, ErrorCode::InvalidProof);
    assert_refused(&call(&kiosk, |claims| claims.iat += 61).await, ErrorCode::InvalidProof);
}

#[tokio::test]
async fn a_proof_signed_by_nobody_or_by_somebody_else_is_refused() {
    let shop = Shop::open().await;
    let (kiosk, stranger) = (shop.kiosk().await, shop.strange_kiosk());
    let claims = kiosk.claims(&Method::GET, routes::DEVICE_SELF, None);
    let header = ProofHeader { typ: "dpop+jwt".into(), alg: "ES256".into(), jwk: kiosk.key().jwk().clone() };
    let send = async |proof: &str| kiosk.call_with(proof, Method::GET, routes::DEVICE_SELF, None, None).await.unwrap();
    // The kiosk's public key, which is no secret, with a signature of another one.
    assert_refused(&send(&stranger.key().sign_as(&header, &claims).unwrap()).await, ErrorCode::InvalidProof);
    let honest = kiosk.key().sign(&claims).unwrap();
    assert_refused(&send(&format!("{}.", honest.rsplit_once('.').unwrap().0)).await, ErrorCode::InvalidProof);
    let request = client().unwrap().get(format!("{}{}", shop.origin, routes::DEVICE_SELF));
    let answer = Answer::of(request).await.unwrap();
    assert_refused(&answer, ErrorCode::InvalidProof);
    assert!(answer.header(routes::HEADER_PROOF_NONCE).is_some());
}

#[tokio::test]
async fn a_second_proof_in_the_same_call_is_refused() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let sign = || kiosk.key().sign(&kiosk.claims(&Method::GET, routes::DEVICE_SELF, None)).unwrap();
    let request = client().unwrap().get(format!("{}{}", shop.origin, routes::DEVICE_SELF));
    let request = request.header(routes::HEADER_PROOF, sign()).header(routes::HEADER_PROOF, sign());
    assert_refused(&Answer::of(request).await.unwrap(), ErrorCode::InvalidProof);
}

#[tokio::test]
async fn a_proof_names_the_token_beside_it() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let (held, _) = shop.signed_in(&kiosk, &phone).await;
    let send = async |token: Option<&str>, named: Option<&str>| {
        let proof = kiosk.key().sign(&kiosk.claims(&Method::GET, routes::KIOSK_SESSION, named)).unwrap();
        kiosk.call_with(&proof, Method::GET, routes::KIOSK_SESSION, token, None).await.unwrap()
    };
    assert_refused(&send(Some(&held.token), None).await, ErrorCode::InvalidProof);
    assert_refused(&send(Some(&held.token), Some("another")).await, ErrorCode::InvalidProof);
    assert_refused(&send(None, Some(&held.token)).await, ErrorCode::InvalidProof);
    assert_eq!(send(Some(&held.token), Some(&held.token)).await.status, 200);
}
