#include "fhir/task.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::fhir {
namespace {

using namespace std::string_view_literals;

constexpr std::array states{"draft"sv,    "requested"sv, "received"sv,  "accepted"sv,
                            "rejected"sv, "ready"sv,     "cancelled"sv, "in-progress"sv,
                            "on-hold"sv,  "failed"sv,    "completed"sv, "entered-in-error"sv};

constexpr std::array after_draft{"ready"sv, "requested"sv, "cancelled"sv};
constexpr std::array after_requested{"received"sv, "accepted"sv, "rejected"sv, "cancelled"sv};
constexpr std::array after_received{"accepted"sv, "rejected"sv, "cancelled"sv};
constexpr std::array after_accepted{"in-progress"sv, "cancelled"sv};
constexpr std::array after_ready{"in-progress"sv, "cancelled"sv};
constexpr std::array after_in_progress{"on-hold"sv, "completed"sv, "failed"sv};
constexpr std::array after_on_hold{"in-progress"sv};
constexpr std::array at_first{"draft"sv};

bool is_among(std::span<const std::string_view> codes, std::string_view code) {
    return std::ranges::find(codes, code) != codes.end();
}

} // namespace

std::span<const std::string_view> task_states() { return states; }

std::span<const std::string_view> usual_next(std::string_view from) {
    if (from.empty()) return at_first;
    if (from == "draft") return after_draft;
    if (from == "requested") return after_requested;
    if (from == "received") return after_received;
    if (from == "accepted") return after_accepted;
    if (from == "ready") return after_ready;
    if (from == "in-progress") return after_in_progress;
    if (from == "on-hold") return after_on_hold;
    return {};
}

bool is_terminal(std::string_view state) {
    static constexpr std::array ends{"completed"sv, "failed"sv, "rejected"sv, "cancelled"sv, "entered-in-error"sv};
    return is_among(ends, state);
}

Transition grade_transition(std::string_view from, std::string_view to) {
    if (from == to || is_among(usual_next(from), to)) return Transition::Normal;
    // Anything can turn out to have been a mistake, but a mistake does not come back to life.
    if (to == "entered-in-error" || !is_terminal(from)) return Transition::Allowed;
    return Transition::Suspicious;
}

} // namespace fhirscope::fhir
