use protocol::staff::Lead;
use server_store::records::ServiceRequestRecord;

/// A request on the wire. Whose it is, is not shown.
#[must_use]
pub fn lead(request: ServiceRequestRecord, seen: bool) -> Lead {
    Lead {
        id: request.id,
        raw_input: request.raw_input,
        service_category: request.service_category,
        service_type: request.service_type,
        requirements: request.requirements,
        location: request.location,
        timing: request.timing,
        budget: request.budget,
        status: request.status,
        status_history: request.status_history,
        created_at: request.created_at,
        viewed_by_current_provider: seen,
    }
}
