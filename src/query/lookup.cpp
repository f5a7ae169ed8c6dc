#include "query/lookup.hpp"

#include "fhir/reference.hpp"
#include "fhir/slice.hpp"

#include <algorithm>

namespace fhirscope::query {

using engine::Channel;
using engine::Outcome;

namespace {

constexpr std::size_t shown_of_id = 8;

} // namespace

std::string_view subscription_of(const engine::Snapshot& snapshot, engine::SubscriptionIndex index) {
    return index < snapshot.subscriptions.size() ? std::string_view(snapshot.subscriptions[index].name)
                                                 : std::string_view();
}

std::optional<std::chrono::microseconds> transport_of(const engine::Snapshot& snapshot, const engine::UpdateRow& row) {
    // A version that was held already, or of which only a read can tell (Medplum announces a deletion with the version
    // before it), was not committed just now: the age of its time is not the length of its way.
    const bool committed =
        row.outcome == Outcome::Applied || row.outcome == Outcome::Superseded || row.outcome == Outcome::OutOfOrder;
    if (row.channel != Channel::Socket || !committed || row.changed == ServerTime{}) return std::nullopt;
    const std::chrono::microseconds changed = row.changed.time_since_epoch() - snapshot.connection.clock_offset;
    // Nor was what is older than the session.
    constexpr std::chrono::seconds slack{5};
    if (changed + slack < snapshot.metrics.started.time_since_epoch()) return std::nullopt;
    return row.received.time_since_epoch() - changed;
}

std::optional<std::chrono::microseconds> latency_of(const engine::Snapshot& snapshot, std::uint64_t number) {
    const engine::UpdateRow& row = snapshot.updates[number];
    const auto transport = transport_of(snapshot, row);
    if (!transport) return std::nullopt;
    std::chrono::nanoseconds stages{0};
    if (snapshot.stage_times.contains(number))
        for (const std::uint32_t nanos : snapshot.stage_times[number].nanos) stages += std::chrono::nanoseconds(nanos);
    const auto queued = std::max(row.dequeued, row.received) - row.received;
    return *transport + queued + std::chrono::duration_cast<std::chrono::microseconds>(stages);
}

const engine::Rejection* find_rejection(const engine::Snapshot& snapshot, std::uint64_t number) {
    const auto& log = snapshot.rejections;
    std::uint64_t low = log.first();
    std::uint64_t high = log.end();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (log[middle].update < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < log.end() && log[low].update == number ? &log[low] : nullptr;
}

std::string_view named_by(const engine::Snapshot& snapshot, std::uint64_t number) {
    const engine::UpdateRow& row = snapshot.updates[number];
    const std::string_view reference = reference_of(snapshot, row);
    if (!reference.empty() || row.outcome != engine::Outcome::Rejected) return reference;
    const engine::Rejection* rejection = find_rejection(snapshot, number);
    return rejection == nullptr ? std::string_view() : std::string_view(rejection->reference);
}

std::string_view type_named_by(const engine::Snapshot& snapshot, std::uint64_t number) {
    const std::string_view reference = named_by(snapshot, number);
    return reference.empty() ? type_of(snapshot, snapshot.updates[number]) : fhir::type_part(reference);
}

const engine::Row* shown_row(const engine::Record& record) {
    return record.edit && record.edit->row ? record.edit->row.get() : record.row.get();
}

const fhir::ResourcePtr& shown_resource(const engine::Record& record) {
    static const fhir::ResourcePtr none;
    if (record.edit && record.edit->local) return record.edit->local;
    return record.history.empty() ? none : record.history.back()->resource;
}

bool in_conflict(const engine::Record& record) {
    return record.edit && record.edit->state == engine::EditState::Conflicted;
}

bool is_pending(const engine::Record& record) {
    return record.edit && record.edit->pending() && record.edit->state != engine::EditState::Conflicted;
}

namespace {

// The first of a Patient's names.
std::string name_of(const fhir::Resource& patient) {
    std::string found;
    fhir::Slice(patient.member("name").value_or("")).each_element([&](fhir::Slice name) {
        found = name.member("text").string();
        if (found.empty()) {
            name.member("given").each_element([&](fhir::Slice given) { found += given.string() + " "; });
            found += name.member("family").string();
        }
        return false;
    });
    return found;
}

struct Patient {
    std::string display, reference;
};
Patient subject_of(const fhir::Resource& resource) {
    for (const std::string_view member : {"for", "subject", "patient"}) {
        const std::string_view text = resource.member(member).value_or("");
        const fhir::Slice subject(text);
        if (subject.exists()) return {subject.member("display").string(), subject.member("reference").string()};
    }
    return {};
}

// The newest version whose content is held, also of what was deleted since.
fhir::ResourcePtr newest_content(const engine::Snapshot& snapshot, std::string_view reference) {
    const engine::RecordPtr record = snapshot.find(reference);
    if (record == nullptr) return nullptr;
    for (auto version = record->history.rbegin(); version != record->history.rend(); ++version)
        if ((*version)->resource && !(*version)->key_only) return (*version)->resource;
    return nullptr;
}

} // namespace

std::string patient_of(const engine::Conflict& conflict) {
    const fhir::Resource* resource = conflict.server  ? conflict.server.get()
                                     : conflict.local ? conflict.local.get()
                                                      : conflict.base.get();
    if (resource == nullptr) return {};
    if (resource->type() == "Patient") return name_of(*resource);
    const Patient patient = subject_of(*resource);
    if (!patient.display.empty()) return patient.display;
    const std::size_t slash = patient.reference.find('/');
    return slash == std::string::npos ? patient.reference : patient.reference.substr(0, slash + 1 + shown_of_id);
}

std::string person_of(const engine::Snapshot& snapshot, std::string_view reference) {
    const fhir::ResourcePtr resource = newest_content(snapshot, reference);
    if (!resource) return {};
    if (resource->type() == "Patient") return name_of(*resource);
    const Patient patient = subject_of(*resource);
    if (!patient.display.empty() || patient.reference.empty()) return patient.display;
    const fhir::ResourcePtr held = newest_content(snapshot, patient.reference);
    return held && held->type() == "Patient" ? name_of(*held) : std::string();
}

std::uint64_t first_update_at(const engine::Snapshot& snapshot, LocalTime time) {
    std::uint64_t low = snapshot.updates.first();
    std::uint64_t high = snapshot.updates.end();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (snapshot.updates[middle].received < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

} // namespace fhirscope::query
