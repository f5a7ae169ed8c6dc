// Task: whom it is for, who does it, by when; urgent ones go first (PROTOCOL E1).

#include "engine/handler.hpp"
#include "fhir/slice.hpp"

#include <array>

namespace fhirscope::engine {
namespace {

// A reference as people read it: its display, else what it points to.
std::string shown_reference(const fhir::Resource& task, std::string_view member_name) {
    const fhir::Slice reference(task.member(member_name).value_or(""));
    std::string display = reference.member("display").string();
    return display.empty() ? reference.member("reference").string() : display;
}

std::string patient(const fhir::Resource& task) { return shown_reference(task, "for"); }
std::string owner(const fhir::Resource& task) { return shown_reference(task, "owner"); }

// restriction.period.end is when it must be done; executionPeriod.end stands in where there is none.
std::string due(const fhir::Resource& task) {
    const fhir::Slice restriction(task.member("restriction").value_or(""));
    std::string end = restriction.member("period").member("end").string();
    return end.empty() ? fhir::Slice(task.member("executionPeriod").value_or("")).member("end").string() : end;
}

class TaskHandler final : public Handler {
public:
    std::string_view type() const override { return "Task"; }
    std::span<const ComputedColumn> computed() const override { return columns_; }
    bool urgent(const fhir::Resource& task) const override {
        const auto priority = task.member("priority");
        return priority == "\"stat\"" || priority == "\"asap\"";
    }

private:
    std::array<ComputedColumn, 3> columns_{
        {{"patient", {"for"}, patient}, {"owner", {"owner"}, owner}, {"due", {"restriction", "executionPeriod"}, due}}};
};

} // namespace

std::unique_ptr<Handler> make_task_handler() { return std::make_unique<TaskHandler>(); }

} // namespace fhirscope::engine
