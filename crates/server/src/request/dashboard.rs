use protocol::{
    ids::ProfileId,
    profile::{Dashboard, DashboardCounts, DashboardItem, DashboardRequests},
    staff::RequestStatus,
};
use server_store::{ReadTx, StoreError, records::ServiceRequestRecord};

use super::operations::LOOKED_AT;

/// Characters of a customer's words that make a title.
const TITLE: usize = 50;

/// What the owner of a profile asked for, newest first; what was cancelled is left out. There are no appointments.
///
/// # Errors
/// The store failed.
pub async fn dashboard(tx: &mut dyn ReadTx, profile: ProfileId) -> Result<Dashboard, StoreError> {
    let mut requests = DashboardRequests::default();
    for request in tx.service_requests_of(profile, LOOKED_AT).await? {
        match request.status {
            RequestStatus::Matching => requests.open.push(item(request)),
            RequestStatus::OffersReceived | RequestStatus::Booked => requests.pending.push(item(request)),
            RequestStatus::Cancelled => {}
        }
    }
    let counts = DashboardCounts {
        open: requests.open.len(),
        pending: requests.pending.len(),
        upcoming: requests.upcoming.len(),
        completed: requests.completed.len(),
    };
    Ok(Dashboard { consumer_id: profile, requests, counts })
}

fn item(request: ServiceRequestRecord) -> DashboardItem {
    DashboardItem {
        id: request.id,
        service_type: request.service_type,
        title: request.raw_input.chars().take(TITLE).collect(),
        location: request.location,
        budget: request.budget,
        status: request.status,
        offer_count: 0,
        created_at: request.created_at,
    }
}
