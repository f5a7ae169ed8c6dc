#pragma once
// What stands behind the rows of a snapshot: names, times and resources of an update, a resource's shown state.

#include "engine/snapshot.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::query {

// Of an update that was rejected; null for others, and where it is no longer kept.
const engine::Rejection* find_rejection(const engine::Snapshot& snapshot, std::uint64_t number);
// Reference and type of an update, also where it was rejected before it had a place in a store; "" where it has none.
std::string_view named_by(const engine::Snapshot& snapshot, std::uint64_t number);
std::string_view type_named_by(const engine::Snapshot& snapshot, std::uint64_t number);
// "" when it came without a subscription (a search, a read).
std::string_view subscription_of(const engine::Snapshot& snapshot, engine::SubscriptionIndex index);
using engine::version_of;

// Changed at the server → applied here, corrected by the clock offset. Nothing for what was read rather than pushed
// (its age says nothing about the way here) and where the server gave no time.
std::optional<std::chrono::microseconds> latency_of(const engine::Snapshot& snapshot, std::uint64_t number);
// Changed → received, corrected likewise.
std::optional<std::chrono::microseconds> transport_of(const engine::Snapshot& snapshot, const engine::UpdateRow& row);

// What people see of a record: with the edit that is pending, else the server's version. Null when it is deleted.
const engine::Row* shown_row(const engine::Record& record);
const fhir::ResourcePtr& shown_resource(const engine::Record& record);
// Its edit waits for a decision.
bool in_conflict(const engine::Record& record);
// Its edit is on its way or waits to be sent.
bool is_pending(const engine::Record& record);

// The patient's name, or "Patient/8d0c41f2" where the resource has no name; "" for none.
std::string patient_of(const engine::Conflict& conflict);
// The name of the patient that a resource is or is of, as far as the store has it; "" where it has not.
std::string person_of(const engine::Snapshot& snapshot, std::string_view reference);

// The first update received at or after `time` (its number; the log's end when there is none).
std::uint64_t first_update_at(const engine::Snapshot& snapshot, LocalTime time);

} // namespace fhirscope::query
