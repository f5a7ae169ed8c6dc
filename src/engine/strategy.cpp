#include "engine/strategy.hpp"

#include "fhir/slice.hpp"
#include "fhir/task.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace fhirscope::engine {
namespace {

using fhir::Side;
using Decision = std::optional<Side>;

// By the server's time. Without both times a person decides: to guess would lose an edit silently.
Decision newest_wins(const Overlap& overlap) {
    if (!overlap.edited || !overlap.changed) return std::nullopt;
    return *overlap.edited > *overlap.changed ? Side::Local : Side::Server;
}

bool leads_to(const std::string& from, std::string_view to, std::set<std::string>& seen) {
    for (const std::string_view next : fhir::usual_next(from)) {
        if (next == to) return true;
        if (seen.emplace(next).second && leads_to(std::string(next), to, seen)) return true;
    }
    return false;
}

bool leads_to(const std::string& from, const std::string& to) {
    std::set<std::string> seen{from};
    return leads_to(from, to, seen);
}

// A Task's status that is further along its way wins (PROTOCOL E1): work that was done is not undone by a late edit.
// Other fields, and two states of which none leads to the other, are a person's to decide.
Decision furthest_wins(const Overlap& overlap) {
    if (overlap.type != "Task" || overlap.field.path != "status") return std::nullopt;
    const std::string local = fhir::Slice(overlap.field.local).string();
    const std::string server = fhir::Slice(overlap.field.server).string();
    const bool local_is_later = leads_to(server, local), server_is_later = leads_to(local, server);
    if (local_is_later == server_is_later) return std::nullopt; // in-progress and on-hold lead to each other
    return local_is_later ? Side::Local : Side::Server;
}

// A new strategy is a line here; panels, the window and the command line take it from this table.
constexpr std::array strategies{
    Strategy{"ask", "ask", [](const Overlap&) -> Decision { return std::nullopt; }},
    Strategy{"server", "take server", [](const Overlap&) -> Decision { return Side::Server; }},
    Strategy{"local", "keep local", [](const Overlap&) -> Decision { return Side::Local; }},
    Strategy{"newest", "newest wins", newest_wins},
    // Of fields that belong together each side's own changes, of lists both sides' elements. Where both changed one and
    // the same value, a person decides.
    Strategy{"merge", "merge", [](const Overlap&) -> Decision { return Side::Both; }},
    Strategy{"furthest", "furthest wins", furthest_wins},
};

} // namespace

std::span<const Strategy> all_strategies() { return strategies; }

const Strategy* find_strategy(std::string_view name) {
    const auto found = std::ranges::find(strategies, name, &Strategy::name);
    return found == strategies.end() ? nullptr : &*found;
}

std::string_view strategy_title(std::string_view name) {
    const Strategy* strategy = find_strategy(name);
    return strategy ? strategy->title : name;
}

} // namespace fhirscope::engine
