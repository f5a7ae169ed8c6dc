#include "fhir/task.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>
#include <string>

using namespace fhirscope::fhir;

namespace {

bool leads_to(std::string_view from, std::string_view to) {
    const auto next = usual_next(from);
    return std::ranges::find(next, to) != next.end();
}

} // namespace

TEST_CASE("a Task has twelve states, five of which are ends") {
    const std::set<std::string_view> states(task_states().begin(), task_states().end());
    CHECK(states.size() == 12);
    CHECK(std::ranges::count_if(states, is_terminal) == 5);
    for (const std::string_view state : states) {
        INFO(state);
        CHECK(usual_next(state).empty() == is_terminal(state));
        for (const std::string_view next : usual_next(state)) CHECK(states.contains(next));
    }
}

TEST_CASE("the arrows of the specification are normal") {
    CHECK(leads_to("draft", "requested"));
    CHECK(leads_to("requested", "accepted"));
    CHECK(leads_to("in-progress", "completed"));
    CHECK_FALSE(leads_to("requested", "completed"));
    for (const std::string_view from : task_states())
        for (const std::string_view to : usual_next(from)) CHECK(grade_transition(from, to) == Transition::Normal);
    CHECK(grade_transition("", "draft") == Transition::Normal);
    CHECK(grade_transition("completed", "completed") == Transition::Normal);
}

TEST_CASE("what real systems do besides is allowed") {
    CHECK(grade_transition("in-progress", "cancelled") == Transition::Allowed);
    CHECK(grade_transition("on-hold", "failed") == Transition::Allowed);
    CHECK(grade_transition("", "in-progress") == Transition::Allowed);
    for (const std::string_view from : task_states())
        if (from != "entered-in-error") CHECK(grade_transition(from, "entered-in-error") == Transition::Allowed);
}

TEST_CASE("leaving an end is suspicious") {
    CHECK(grade_transition("completed", "in-progress") == Transition::Suspicious);
    CHECK(grade_transition("cancelled", "requested") == Transition::Suspicious);
    CHECK(grade_transition("entered-in-error", "draft") == Transition::Suspicious);
}

TEST_CASE("an unknown state leads nowhere and forbids nothing") {
    CHECK(usual_next("done").empty());
    CHECK_FALSE(is_terminal("done"));
    CHECK(grade_transition("done", "completed") == Transition::Allowed);
}
