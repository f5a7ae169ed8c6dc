#include "diagnosis/groups.hpp"

#include "diagnosis/mutation.hpp"

#include <algorithm>
#include <optional>

namespace fhirscope::diagnosis {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds close{5}; // to each other

// What was missed is found by the next check; anything else that begins later has a cause of its own.
std::chrono::seconds tail_for(const Stretch& stretch) { return stretch.effect == Effect::Delivery ? aftermath : close; }

// What stands before a server answers for it while it is away; any other error is of one that is there.
bool is_told_by_a_gateway(const Stretch& stretch) {
    const auto& errors = stretch.tally.of(Seen::Request5xx);
    return errors.count == 0 || (errors.status >= 502 && errors.status <= 504);
}

// A change that was missed has the cause of the time in which it was made, where that is known.
bool explains(const Explainer& by, const Stretches::One& one, CauseCode cause) {
    if (cause == CauseCode::ServerErrors && !is_told_by_a_gateway(one.stretch)) return false;
    if (one.changed != LocalTime{}) return by.explains(cause, one.changed, one.changed, close);
    return by.explains(cause, one.stretch.from, one.stretch.from, tail_for(one.stretch));
}

// Of another client each loss is one by itself: several Subscriptions have one where their socket was lost.
bool is_same_kind(const Stretches::One& a, const Stretches::One& b) {
    if (!a.is_observed) return true;
    const bool same = a.is_loss == b.is_loss && a.is_refusal == b.is_refusal && a.stretch.effect == b.stretch.effect;
    return same && (!a.is_loss || a.last == b.last);
}

// Of another client it is known what a loss hid; that other things failed at the same time says nothing.
bool is_part_of_loss(const Stretches::One& loss, const Stretches::One& one, LocalTime now) {
    const bool hidden = one.cause == CauseCode::BindIgnored || one.cause == CauseCode::EventsLost ||
                        one.cause == CauseCode::DeletionsSilent;
    const LocalTime heard = loss.stretch.unshown.heard;
    return loss.is_loss && !loss.stretch.is_idle && !one.is_loss && hidden &&
           loss.stretch.subscription == one.stretch.subscription && loss.stretch.from <= one.stretch.from &&
           one.stretch.from <= (heard == LocalTime{} ? now : heard);
}

// Which of the others explains this one.
std::optional<std::size_t> explainer_of(std::size_t i, const std::vector<Stretches::One>& all,
                                        const std::vector<Judged>& judged, LocalTime now) {
    const Stretch& it = all[i].stretch;
    const Cause* own = deciding(judged[i].cause);
    for (std::size_t j = 0; j < all.size(); ++j) {
        if (i == j || judged[i].cause == judged[j].cause) continue;
        if (all[i].is_observed) {
            if (is_part_of_loss(all[j], all[i], now)) return j;
            continue;
        }
        const Stretch& other = all[j].stretch;
        // Of two that explain each other the weightier effect comes first.
        const bool back = own && own->explains(judged[j].cause) && it.effect < other.effect;
        const Explainer by{judged[j].cause, earliest(all[j]), other.end(now)};
        if (!back && explains(by, all[i], judged[i].cause)) return j;
    }
    return std::nullopt;
}

bool meets(const Group& group, const Stretch& stretch, LocalTime now) {
    const LocalTime end = group.goes_on() ? now : group.to;
    return stretch.from <= end + close && stretch.end(now) >= group.from - close;
}

void join(Group& group, std::size_t i, const std::vector<Stretches::One>& all) {
    const Stretch& stretch = all[i].stretch;
    group.members.push_back(i);
    if (stretch.effect < all[group.members.front()].stretch.effect)
        std::swap(group.members.front(), group.members.back());
    group.from = std::min(group.from, stretch.from);
    group.to = group.goes_on() || stretch.to == LocalTime{} ? LocalTime{} : std::max(group.to, stretch.to);
}

} // namespace

LocalTime earliest(const Stretches::One& one) {
    return one.proved == LocalTime{} ? one.stretch.from : std::min(one.proved, one.stretch.from);
}

bool Explainer::explains(CauseCode other, LocalTime begin, LocalTime end, std::chrono::seconds after) const {
    const Cause* by = deciding(cause);
    return by && !mutated(Mutation::NothingExplains) && by->explains(other) && begin >= from - close &&
           end <= to + after;
}

std::vector<Group> grouped(const std::vector<Stretches::One>& all, const std::vector<Judged>& judged,
                           std::span<const Explainer> before, LocalTime now) {
    std::vector<Group> groups;
    std::vector<std::pair<std::size_t, std::size_t>> explained; // which, and by which
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Stretch& stretch = all[i].stretch;
        if (stretch.is_idle) continue;
        if (const auto by = explainer_of(i, all, judged, now)) {
            explained.emplace_back(i, *by);
            continue;
        }
        const bool is_over = std::any_of(before.begin(), before.end(),
                                         [&](const Explainer& one) { return explains(one, all[i], judged[i].cause); });
        if (is_over && !all[i].is_observed) continue;
        const auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& one) {
            return one.cause == judged[i].cause && meets(one, stretch, now) &&
                   is_same_kind(all[one.members.front()], all[i]);
        });
        if (group != groups.end())
            join(*group, i, all);
        else
            groups.push_back({judged[i].cause, {i}, {}, stretch.from, stretch.to});
    }
    for (const auto& [i, by] : explained)
        for (Group& group : groups)
            if (std::find(group.members.begin(), group.members.end(), by) != group.members.end())
                group.consequences.push_back(i);
    return groups;
}

} // namespace fhirscope::diagnosis
