// Task: whom it is for, who does it, by when; urgent ones go first (PROTOCOL E1).

#include <array>

#include "engine/handler.hpp"
#include "fhir/json.hpp"

namespace fhirscope::engine {
namespace {

// A reference as people read it: its display, else what it points to.
std::string shown_reference(const fhir::Resource& task, std::string_view member_name) {
    const auto member = task.member(member_name);
    if (!member) return "";
    const auto reference = fhir::parse_json(*member);
    if (!reference) return "";
    const std::string_view display = fhir::string_at(*reference, "display");
    return std::string(display.empty() ? fhir::string_at(*reference, "reference") : display);
}

std::string patient(const fhir::Resource& task) { return shown_reference(task, "for"); }
std::string owner(const fhir::Resource& task) { return shown_reference(task, "owner"); }

// restriction.period.end is when it must be done; executionPeriod.end stands in where there is none.
std::string due(const fhir::Resource& task) {
    if (const auto restriction = task.member("restriction"))
        if (const auto parsed = fhir::parse_json(*restriction); parsed && parsed->IsObject()) {
            const auto period = parsed->FindMember("period");
            if (period != parsed->MemberEnd())
                if (const auto end = fhir::string_at(period->value, "end"); !end.empty()) return std::string(end);
        }
    if (const auto execution = task.member("executionPeriod"))
        if (const auto parsed = fhir::parse_json(*execution)) return std::string(fhir::string_at(*parsed, "end"));
    return "";
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
    std::array<ComputedColumn, 3> columns_{{{"patient", {"for"}, patient},
                                            {"owner", {"owner"}, owner},
                                            {"due", {"restriction", "executionPeriod"}, due}}};
};

} // namespace

std::unique_ptr<Handler> make_task_handler() { return std::make_unique<TaskHandler>(); }

} // namespace fhirscope::engine
