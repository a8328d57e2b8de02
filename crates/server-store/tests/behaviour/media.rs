use protocol::{
    ids::{MediaId, ProfileId, SessionId},
    media::MediaKind,
};
use server_store::{
    Store, StoreError,
    records::{MediaAmount, MediaRecord},
};

use super::{at, id, write};

fn photo(number: u128, owner: u128, session: Option<u128>) -> MediaRecord {
    MediaRecord {
        id: MediaId(id(number)),
        file: format!("{number}.jpg"),
        owner: ProfileId(id(owner)),
        session_id: session.map(|number| SessionId(id(number))),
        kind: MediaKind::Image,
        mime_type: "image/jpeg".into(),
        filename: Some("hem.jpg".into()),
        size_bytes: 100,
        created_at: at(0),
        expires_at: at(60),
    }
}

pub async fn a_file_is_found_by_id_and_name_until_it_is_removed(store: &dyn Store) {
    let video = MediaRecord { kind: MediaKind::Video, filename: None, ..photo(2, 8, None) };
    write(store, async |tx| {
        tx.insert_media(&photo(1, 7, Some(5))).await?;
        tx.insert_media(&video).await
    })
    .await
    .unwrap();
    let again = write(store, async |tx| tx.insert_media(&MediaRecord { file: "1.jpg".into(), ..photo(3, 7, None) }).await).await;
    assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.media(MediaId(id(1))).await.unwrap(), Some(photo(1, 7, Some(5))));
    assert_eq!(tx.media_by_file("2.jpg").await.unwrap(), Some(video));
    assert_eq!(tx.media_by_file("4.jpg").await.unwrap(), None);
    assert_eq!(tx.media_amount(Some(ProfileId(id(7)))).await.unwrap(), MediaAmount { files: 1, bytes: 100 });
    assert_eq!(tx.media_amount(Some(ProfileId(id(6)))).await.unwrap(), MediaAmount::default());
    assert_eq!(tx.media_amount(None).await.unwrap(), MediaAmount { files: 2, bytes: 200 });
    drop(tx);
    assert!(write(store, async |tx| tx.remove_media(MediaId(id(1))).await).await.unwrap());
    assert!(!write(store, async |tx| tx.remove_media(MediaId(id(1))).await).await.unwrap());
}

pub async fn files_are_over_at_their_time_or_with_their_conversation(store: &dyn Store) {
    write(store, async |tx| {
        tx.insert_media(&photo(1, 7, Some(5))).await?;
        tx.insert_media(&photo(2, 7, Some(6))).await?;
        tx.insert_media(&photo(3, 7, None)).await
    })
    .await
    .unwrap();
    assert_eq!(write(store, async |tx| tx.end_media_of(SessionId(id(5)), at(10)).await).await.unwrap(), 1);
    let overdue = async |seconds: i64| {
        let files = store.read().await.unwrap().overdue_media(at(seconds), 10).await.unwrap();
        files.into_iter().map(|media| media.file).collect::<Vec<_>>()
    };
    assert!(overdue(9).await.is_empty());
    assert_eq!(overdue(10).await, ["1.jpg"]);
    assert_eq!(overdue(60).await, ["1.jpg", "2.jpg", "3.jpg"]);
    assert_eq!(write(store, async |tx| tx.end_media_of(SessionId(id(5)), at(30)).await).await.unwrap(), 0, "it is over already");
}

pub async fn a_guests_files_become_the_accounts(store: &dyn Store) {
    write(store, async |tx| {
        tx.insert_media(&photo(1, 5, Some(5))).await?;
        tx.insert_media(&photo(2, 8, Some(8))).await?;
        tx.move_media(ProfileId(id(5)), ProfileId(id(7)), SessionId(id(6))).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.media(MediaId(id(1))).await.unwrap(), Some(photo(1, 7, Some(6))));
    assert_eq!(tx.media(MediaId(id(2))).await.unwrap(), Some(photo(2, 8, Some(8))));
}
