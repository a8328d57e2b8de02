use server_store::{Store, StoreError, records::VoiceReservationRecord};

use super::{at, write};

fn reservation(number: u8) -> VoiceReservationRecord {
    VoiceReservationRecord {
        ticket_hash: vec![number; 32],
        media_room: format!("v-{number}"),
        room: "quickstart".into(),
        identity: "asha-4k2p9q".into(),
        caller: vec![9; 32],
        expires_at: at(i64::from(number)),
    }
}

pub async fn a_reserved_room_is_used_once(store: &dyn Store) {
    write(store, async |tx| tx.insert_voice_reservation(&reservation(5)).await).await.unwrap();
    let twin = VoiceReservationRecord { ticket_hash: vec![6; 32], ..reservation(5) };
    let refused = write(store, async |tx| tx.insert_voice_reservation(&twin).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    assert_eq!(store.read().await.unwrap().voice_reservation(&[5; 32]).await.unwrap(), Some(reservation(5)));
    assert!(write(store, async |tx| tx.use_voice_reservation(&[5; 32]).await).await.unwrap());
    assert!(!write(store, async |tx| tx.use_voice_reservation(&[5; 32]).await).await.unwrap());
    assert_eq!(store.read().await.unwrap().voice_reservation(&[5; 32]).await.unwrap(), None);
}

pub async fn reservations_are_found_by_who_made_them_while_they_live(store: &dyn Store) {
    write(store, async |tx| {
        for number in [5, 6, 7, 8] {
            tx.insert_voice_reservation(&reservation(number)).await?;
        }
        let other = VoiceReservationRecord { caller: vec![8; 32], ..reservation(9) };
        tx.insert_voice_reservation(&other).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    let mut found = async |caller: u8, room: &str, identity: &str, now: i64| {
        tx.voice_reservations_of(&[caller; 32], room, identity, at(now)).await.unwrap().len()
    };
    assert_eq!(found(9, "quickstart", "asha-4k2p9q", 4).await, 2, "more than one is more than one");
    assert_eq!(found(9, "quickstart", "asha-4k2p9q", 7).await, 1);
    assert_eq!(found(9, "quickstart", "asha-4k2p9q", 8).await, 0, "it has expired");
    assert_eq!(found(8, "quickstart", "asha-4k2p9q", 4).await, 1);
    assert_eq!(found(7, "quickstart", "asha-4k2p9q", 4).await, 0);
    assert_eq!(found(9, "other", "asha-4k2p9q", 4).await, 0);
    assert_eq!(found(9, "quickstart", "Asha-4k2p9q", 4).await, 0);
    assert_eq!(write(store, async |tx| tx.forget_voice_reservations(at(7)).await).await.unwrap(), 2);
}
