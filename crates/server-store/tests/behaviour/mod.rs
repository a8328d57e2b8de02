//! What every store does, whichever database is beneath it. A store's own test file opens an empty store and hands it to
//! each of these stories.
#![expect(clippy::unwrap_used, reason = "a story that cannot be told has failed")]

pub mod account;
pub mod account_token;
pub mod answer;
pub mod catalogue;
pub mod catalogue_change;
pub mod channel_key;
pub mod chat_task;
pub mod customer;
pub mod device;
pub mod event;
pub mod external_identity;
pub mod handoff;
pub mod idempotency;
pub mod kiosk_session;
pub mod loyalty;
pub mod mail;
pub mod media;
pub mod op;
pub mod order;
pub mod payment;
pub mod phone_session;
pub mod profile;
pub mod qr_token;
pub mod service_request;
pub mod session;
pub mod sign_in_attempt;
pub mod spending;
pub mod staff;
pub mod stock;
pub mod transaction;
pub mod voice_agent;
pub mod voice_reservation;
pub mod voice_session;

use protocol::{Timestamp, ids::SessionId};
use server_store::{Store, WriteTx};
use uuid::Uuid;

/// The instant `seconds` after the beginning of the stories.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_millis(1_770_890_400_000 + seconds * 1_000)
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// Does something in a transaction of its own.
pub async fn write<T>(
    store: &dyn Store,
    work: impl AsyncFnOnce(&mut dyn WriteTx) -> server_store::Result<T>,
) -> server_store::Result<T> {
    let mut tx = store.write().await?;
    let result = work(&mut *tx).await?;
    tx.commit().await?;
    Ok(result)
}

/// A session of a customer, not stored yet.
pub fn session_of(number: u128, customer: &str) -> server_store::records::SessionRecord {
    session::record(SessionId(id(number)), customer)
}

/// One test per story, each with an empty store of its own. `$open` answers the store and what must outlive it.
#[macro_export]
macro_rules! stories {
    ($open:path) => {
        $crate::stories!(@ $open,
            session: a_session_comes_back_as_it_was_kept,
            session: a_customer_has_one_active_session,
            session: an_update_meets_exactly_one_session,
            session: a_conversation_keeps_its_order,
            session: an_entry_is_kept_once,
            session: an_entry_is_kept_with_its_session_and_the_event_that_tells_of_it,
            session: demo_sessions_are_listed_until_they_are_forgotten,
            account: an_account_is_found_by_what_it_holds,
            account: phone_email_and_customer_belong_to_one_account,
            account: a_new_password_replaces_the_old,
            account: a_phone_that_was_dropped_is_free,
            account: a_password_hash_is_replaced_only_while_it_is_the_known_one,
            account: each_member_of_an_account_changes_by_itself,
            account: an_email_that_somebody_has_is_refused,
            account: an_account_is_linked_to_a_customer_once,
            account: the_slowest_foreign_hash_of_each_kind_is_found,
            account_token: a_mailed_token_is_used_once,
            account_token: a_new_token_takes_the_place_of_the_last_for_the_same_purpose,
            account_token: tokens_are_taken_back_and_forgotten,
            answer: a_message_waits_until_it_is_settled,
            customer: a_customer_comes_back_as_kept,
            customer: a_phone_belongs_to_one_customer,
            customer: ids_are_never_given_twice,
            customer: those_without_a_password_are_listed,
            customer: customers_are_listed_in_order_of_their_numbers,
            customer: a_chat_belongs_to_one_customer,
            catalogue: a_shop_and_its_stores_are_replaced_whole,
            catalogue: stock_is_the_sum_of_all_locations,
            catalogue: products_come_in_the_order_asked_for,
            catalogue: a_list_is_filtered_and_paged,
            catalogue: a_search_finds_by_the_beginnings_of_words,
            catalogue: a_search_with_strange_letters_is_harmless,
            catalogue: a_renamed_product_is_found_by_its_new_name_only,
            catalogue_change: products_come_once_each_in_the_order_of_their_newest_changes,
            catalogue_change: a_change_of_the_stock_alone_is_told_without_the_product,
            catalogue_change: a_product_whose_stock_changed_after_it_is_still_told_whole,
            catalogue_change: what_is_written_as_it_was_is_no_change,
            catalogue_change: another_currency_begins_the_catalogue_anew,
            order: a_customers_orders_come_newest_first,
            order: orders_are_listed_by_customer_and_status,
            order: an_order_keeps_where_it_goes,
            event: events_come_in_the_order_of_their_commits,
            event: a_reader_follows_its_topics_only,
            event: what_was_forgotten_is_known_to_be_missing,
            event: a_cursor_is_never_given_twice,
            event: the_whole_log_is_read_in_one_order,
            op: a_change_is_kept_once_per_device,
            op: a_change_pushed_twice_at_once_takes_effect_once,
            idempotency: an_answer_is_kept_until_it_is_forgotten,
            device: a_device_is_known_by_its_key_until_it_is_removed,
            device: a_key_belongs_to_one_device,
            device: each_key_waits_under_one_code,
            device: wrong_codes_are_counted_until_they_are_forgotten,
            handoff: a_handoff_is_found_by_its_codes,
            handoff: a_device_has_one_live_handoff,
            handoff: the_first_claim_wins,
            handoff: one_of_many_claims_at_once_wins,
            handoff: an_expired_handoff_is_neither_claimed_nor_issued,
            handoff: each_step_needs_the_one_before,
            handoff: expired_handoffs_are_listed_at_their_time,
            handoff: ends_are_counted_by_person_and_reason,
            handoff: a_visit_is_prolonged_only_while_it_holds,
            handoff: visits_are_carried_to_the_devices_next_handoff,
            handoff: what_is_over_is_forgotten_with_its_codes,
            kiosk_session: a_hold_is_found_by_token_device_and_session,
            kiosk_session: a_device_and_a_handoff_have_one_hold,
            kiosk_session: a_hold_ends_once,
            kiosk_session: use_prolongs_a_hold_up_to_its_absolute_limit,
            kiosk_session: overdue_holds_are_listed_at_their_time,
            phone_session: a_browser_is_signed_in_until_it_is_signed_out_or_forgotten,
            channel_key: a_key_is_found_by_its_hash_until_it_is_removed,
            channel_key: a_name_belongs_to_one_key,
            qr_token: a_session_has_one_token_that_is_used_once,
            stock: held_pieces_are_nobody_elses_until_they_are_released,
            stock: a_hold_whose_time_is_over_gives_its_pieces_back,
            stock: sold_pieces_do_not_come_back,
            stock: a_new_count_leaves_held_pieces_held,
            stock: what_no_location_counted_is_online,
            stock: the_last_piece_goes_to_one,
            payment: payments_are_found_by_id_and_order,
            loyalty: coupons_and_promotions_are_replaced_and_dropped,
            loyalty: a_customer_uses_a_coupon_once,
            loyalty: points_never_fall_below_none,
            loyalty: an_order_is_credited_once,
            loyalty: the_rules_are_replaced_whole,
            phone_session: somebody_is_signed_out_everywhere_at_once,
            external_identity: a_subject_of_a_provider_leads_to_one_account,
            sign_in_attempt: a_browser_comes_back_once,
            sign_in_attempt: attempts_are_forgotten_with_their_time,
            mail: a_mail_waits_until_it_is_sent,
            mail: a_mail_is_taken_by_one_sender_at_a_time,
            staff: a_person_holds_several_roles_until_they_are_taken_back,
            staff: an_account_has_one_enrolment_and_its_state,
            voice_agent: agents_are_known_as_they_last_described_themselves,
            voice_agent: reports_are_counted,
            voice_reservation: a_reserved_room_is_used_once,
            voice_reservation: reservations_are_found_by_who_made_them_while_they_live,
            voice_session: a_spoken_conversation_comes_back_as_it_was_kept,
            voice_session: what_is_said_twice_under_one_number_or_id_is_kept_once,
            voice_session: a_history_lists_ones_own_in_pages_newest_first,
            voice_session: anonymous_conversations_are_forgotten,
            profile: a_profile_belongs_to_an_account_or_to_a_guest,
            profile: a_guest_is_linked_once,
            profile: a_moved_conversation_follows_what_was_there,
            service_request: requests_come_newest_first,
            service_request: a_request_changes_only_from_the_status_it_was_seen_in,
            service_request: who_has_seen_a_request_is_known,
            chat_task: a_task_keeps_its_owner_and_its_newest_state,
            media: a_file_is_found_by_id_and_name_until_it_is_removed,
            media: files_are_over_at_their_time_or_with_their_conversation,
            media: a_guests_files_become_the_accounts,
            spending: what_was_spent_adds_up_by_person_and_day,
            transaction: what_is_not_committed_leaves_no_trace,
            transaction: writers_wait_for_each_other,
            transaction: a_reader_sees_one_state,
        );
    };
    (@ $open:path, $($area:ident: $story:ident,)*) => {$(
        #[tokio::test]
        async fn $story() {
            let (store, _keep) = $open().await;
            behaviour::$area::$story(&store).await;
        }
    )*};
}
