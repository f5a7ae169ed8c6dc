#include "gui/derived.hpp"

#include "fhir/json.hpp"
#include "gui/rows.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

std::string string_member(const fhir::Resource& resource, std::string_view name) {
    const auto text = resource.member(name);
    return text && text->size() >= 2 && text->front() == '"' ? std::string(text->substr(1, text->size() - 2))
                                                             : std::string();
}

rapidjson::Document object_member(const fhir::Resource& resource, std::string_view name) {
    if (const auto text = resource.member(name)) {
        if (auto document = fhir::parse_json(*text)) {
            return std::move(*document);
        }
    }
    return {};
}

std::string due_of(const fhir::Resource& resource) {
    const rapidjson::Document restriction = object_member(resource, "restriction");
    if (restriction.IsObject() && restriction.HasMember("period")) {
        return std::string(fhir::string_at(restriction["period"], "end"));
    }
    const rapidjson::Document period = object_member(resource, "executionPeriod");
    return std::string(fhir::string_at(period, "end"));
}

TaskSummaries::Group group_of(std::string_view status) {
    if (status == "in-progress" || status == "accepted") {
        return TaskSummaries::active;
    }
    if (status == "on-hold") {
        return TaskSummaries::held;
    }
    const bool over = status == "completed" || status == "cancelled" || status == "failed" || status == "rejected" ||
                      status == "entered-in-error";
    return over ? TaskSummaries::done : TaskSummaries::waiting;
}

} // namespace

void TaskSummaries::set(std::uint32_t index, const engine::Record& record) {
    Task& task = tasks_[index];
    if (task.patient != UINT32_MAX) {
        dirty_.push_back(task.patient);
    }
    const fhir::Resource* resource = shown_resource(record).get();
    task.counted = resource != nullptr;
    task.unconfirmed = record.standing == engine::Standing::Unconfirmed;
    task.in_conflict = in_conflict(record);
    if (resource == nullptr) {
        return;
    }
    const rapidjson::Document subject = object_member(*resource, "for");
    const std::string_view reference = fhir::string_at(subject, "reference");
    task.group = group_of(string_member(*resource, "status"));
    const std::string priority = string_member(*resource, "priority");
    task.urgent = !priority.empty() && priority != "routine";
    task.due = due_of(*resource);
    std::uint32_t patient = UINT32_MAX;
    if (!reference.empty()) {
        const auto known = by_reference_.find(reference);
        if (known != by_reference_.end()) {
            patient = known->second;
        } else {
            patient = static_cast<std::uint32_t>(patients_.size());
            patients_.emplace_back();
            by_reference_.emplace(std::string(reference), patient);
        }
    }
    if (patient != task.patient) {
        if (task.patient != UINT32_MAX) {
            std::erase(patients_[task.patient].tasks, index);
        }
        if (patient != UINT32_MAX) {
            patients_[patient].tasks.push_back(index);
        }
        task.patient = patient;
    }
    if (patient != UINT32_MAX) {
        dirty_.push_back(patient);
    }
}

void TaskSummaries::sum_up(Patient& patient) {
    patient.summary = {};
    for (const std::uint32_t index : patient.tasks) {
        const Task& task = tasks_[index];
        if (!task.counted) {
            continue;
        }
        Summary& sum = patient.summary;
        ++sum.counts[task.group];
        sum.in_conflict += task.in_conflict ? 1 : 0;
        if (task.group == done) {
            continue;
        }
        sum.urgent += task.urgent ? 1 : 0;
        sum.unconfirmed += task.unconfirmed ? 1 : 0;
        if (!task.due.empty() && (sum.next_due.empty() || task.due < sum.next_due)) {
            sum.next_due = task.due;
        }
    }
}

void TaskSummaries::update(const engine::SnapshotPtr& snapshot) {
    if (snapshot == snapshot_) {
        return;
    }
    std::size_t store = 0;
    while (store < snapshot->stores.size() && snapshot->stores[store].type != "Task") {
        ++store;
    }
    if (store == snapshot->stores.size()) {
        return;
    }
    const auto& records = snapshot->stores[store].records;
    const bool fresh = !snapshot_ || store != store_ || records.size() < tasks_.size();
    if (fresh) {
        tasks_.clear();
        patients_.clear();
        by_reference_.clear();
    }
    constexpr std::size_t kChunk = engine::Chunked<engine::RecordPtr>::chunk_size;
    tasks_.resize(records.size());
    dirty_.clear();
    for (std::size_t chunk = 0; chunk < records.chunk_count(); ++chunk) {
        const bool same =
            !fresh && records.chunk_identity(chunk) == snapshot_->stores[store].records.chunk_identity(chunk);
        const std::size_t end = same ? 0 : std::min(records.size(), (chunk + 1) * kChunk);
        for (std::size_t i = chunk * kChunk; i < end; ++i) {
            const bool kept = !fresh && i < snapshot_->stores[store].records.size() &&
                              snapshot_->stores[store].records[i] == records[i];
            if (!kept) {
                set(static_cast<std::uint32_t>(i), *records[i]);
            }
        }
    }
    std::sort(dirty_.begin(), dirty_.end());
    dirty_.erase(std::unique(dirty_.begin(), dirty_.end()), dirty_.end());
    for (const std::uint32_t patient : dirty_) {
        sum_up(patients_[patient]);
    }
    snapshot_ = snapshot;
    store_ = store;
}

const TaskSummaries::Summary* TaskSummaries::of(std::string_view patient_reference) const {
    const auto it = by_reference_.find(patient_reference);
    return it == by_reference_.end() ? nullptr : &patients_[it->second].summary;
}

} // namespace fhirscope::gui
