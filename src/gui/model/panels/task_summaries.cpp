#include "gui/model/panels/task_summaries.hpp"

#include "fhir/json.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/panels/record_changes.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

std::string string_member(const fhir::Resource& resource, std::string_view name) {
    const auto text = resource.member(name);
    return text && text->size() >= 2 && text->front() == '"' ? std::string(text->substr(1, text->size() - 2))
                                                             : std::string();
}

// The text of a member of an object that is known to be JSON; "" when there is none. Every Task of a patient that is
// shown is asked for some, and a parsed document for each would cost more than all the rest of a frame.
std::string_view member_of(std::string_view object, std::string_view name) {
    int depth = 0;
    std::size_t begin = std::string_view::npos; // of the wanted value
    for (std::size_t i = 0; i < object.size(); ++i) {
        const char ch = object[i];
        if (ch == '"') {
            const std::size_t from = i + 1;
            for (++i; i < object.size() && object[i] != '"'; ++i) i += object[i] == '\\' ? 1 : 0;
            if (depth != 1 || begin != std::string_view::npos || i >= object.size() ||
                object.substr(from, i - from) != name)
                continue;
            const std::size_t colon = object.find_first_not_of(" \t\r\n", i + 1);
            if (colon != std::string_view::npos && object[colon] == ':') {
                begin = std::min(object.find_first_not_of(" \t\r\n", colon + 1), object.size());
                i = begin - 1;
            }
        } else if (ch == '{' || ch == '[') {
            ++depth;
        } else if (ch == '}' || ch == ']') {
            --depth;
        }
        const bool ends = depth == 0 || (depth == 1 && ch == ',');
        if (begin != std::string_view::npos && i > begin && ends) return object.substr(begin, i - begin);
    }
    return {};
}

// A string's characters; what is escaped is read by the parser.
std::string text_member(std::string_view object, std::string_view name) {
    std::string_view text = member_of(object, name);
    text = text.substr(0, text.rfind('"') + 1);
    if (text.size() < 2 || text.front() != '"') return {};
    if (text.find('\\') != std::string_view::npos) {
        const auto document = fhir::parse_json(object);
        return document ? std::string(fhir::string_at(*document, std::string(name).c_str())) : std::string();
    }
    return std::string(text.substr(1, text.size() - 2));
}

std::string due_of(const fhir::Resource& resource) {
    const std::string_view period = member_of(resource.member("restriction").value_or(""), "period");
    return text_member(period.empty() ? resource.member("executionPeriod").value_or("") : period, "end");
}

TaskSummaries::Group group_of(std::string_view status) {
    if (status == "in-progress" || status == "accepted") return TaskSummaries::Active;
    if (status == "on-hold") return TaskSummaries::Held;
    const bool over = status == "completed" || status == "cancelled" || status == "failed" || status == "rejected" ||
                      status == "entered-in-error";
    return over ? TaskSummaries::Done : TaskSummaries::Waiting;
}

} // namespace

// Whose the task is now. A task seldom changes its patient: then only the sum is asked for anew.
void TaskSummaries::assign(std::uint32_t index, const engine::Record& record) {
    Task& task = tasks_[index];
    if (task.patient != nobody) patients_[task.patient].summed_up = false;
    const fhir::Resource* resource = shown_resource(record).get();
    if (resource == nullptr) return;
    const std::string_view subject = resource->member("for").value_or("");
    const std::size_t hash = std::hash<std::string_view>{}(subject);
    if (task.subject == hash) return;
    task.subject = hash;
    const std::string reference = text_member(subject, "reference");
    std::uint32_t patient = nobody;
    if (!reference.empty()) {
        const auto [known, fresh] = by_reference_.emplace(reference, static_cast<std::uint32_t>(patients_.size()));
        if (fresh) patients_.emplace_back();
        patient = known->second;
    }
    if (patient == task.patient) return;
    if (task.patient != nobody) std::erase(patients_[task.patient].tasks, index);
    if (patient != nobody) {
        patients_[patient].tasks.push_back(index);
        patients_[patient].summed_up = false;
    }
    task.patient = patient;
}

void TaskSummaries::sum_up(Patient& patient) const {
    Summary& sum = patient.summary;
    sum = {};
    patient.summed_up = true;
    for (const std::uint32_t index : patient.tasks) {
        const engine::Record& record = *snapshot_->stores[store_].records[index];
        const fhir::Resource* resource = shown_resource(record).get();
        if (resource == nullptr) continue;
        const Group group = group_of(string_member(*resource, "status"));
        ++sum.counts[group];
        sum.in_conflict += in_conflict(record) ? 1 : 0;
        if (group == Done) continue;
        const std::string priority = string_member(*resource, "priority");
        sum.urgent += !priority.empty() && priority != "routine" ? 1 : 0;
        sum.unconfirmed += record.standing == engine::Standing::Unconfirmed ? 1 : 0;
        std::string due = due_of(*resource);
        if (!due.empty() && (sum.next_due.empty() || due < sum.next_due)) sum.next_due = std::move(due);
    }
}

void TaskSummaries::update(const engine::SnapshotPtr& snapshot) {
    if (snapshot == snapshot_) return;
    std::size_t store = 0;
    while (store < snapshot->stores.size() && snapshot->stores[store].type != "Task") ++store;
    if (store == snapshot->stores.size()) return;
    const auto& records = snapshot->stores[store].records;
    const bool fresh = !snapshot_ || store != store_ || records.size() < tasks_.size();
    if (fresh) {
        tasks_.clear();
        patients_.clear();
        by_reference_.clear();
    }
    tasks_.resize(records.size());
    const RecordsView none;
    for_each_change(fresh ? none : snapshot_->stores[store].records, records,
                    [&](std::uint32_t index) { assign(index, *records[index]); });
    snapshot_ = snapshot;
    store_ = store;
}

const TaskSummaries::Summary* TaskSummaries::of(std::string_view patient_reference) const {
    const auto it = by_reference_.find(patient_reference);
    if (it == by_reference_.end()) return nullptr;
    Patient& patient = patients_[it->second];
    if (!patient.summed_up) sum_up(patient);
    return &patient.summary;
}

} // namespace fhirscope::gui
