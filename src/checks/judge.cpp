#include "checks/judge.hpp"

#include "diagnosis/incident_text.hpp"
#include "session/format.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace fhirscope::checks {

std::string_view to_string(Verdict verdict) {
    constexpr std::string_view words[] = {"passed", "failed", "undecided"};
    return words[static_cast<std::size_t>(verdict)];
}

std::size_t Outcomes::count(Verdict verdict) const {
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const Outcome& one) { return one.verdict == verdict; }));
}

std::uint64_t engine::Counters::*counter_named(std::string_view name) {
    for (const session::NamedCounter& counter : session::counters())
        if (counter.name == name) return counter.member;
    return nullptr;
}

std::string counter_names() {
    std::string names;
    for (const session::NamedCounter& counter : session::counters())
        names += (names.empty() ? "" : ", ") + std::string(counter.name);
    return names;
}

void NewRows::each(const engine::Snapshot& snapshot, const std::function<void(std::uint64_t)>& call) {
    const std::uint64_t first = snapshot.updates.first();
    if (first > next_) lost_ += first - next_;
    for (next_ = std::max(next_, first); next_ < snapshot.updates.end(); ++next_) call(next_);
}

std::uint64_t NewTransitions::count(const engine::Snapshot& snapshot) {
    std::uint64_t all = 0;
    for (const auto& [between, times] : snapshot.connection.transition_counts) all += times;
    return all;
}

void NewTransitions::each(const engine::Snapshot& snapshot,
                          const std::function<void(const engine::Transition&)>& call) {
    const auto& kept = snapshot.connection.transitions;
    const std::uint64_t all = count(snapshot);
    const auto fresh = static_cast<std::size_t>(std::min<std::uint64_t>(all - seen_, kept.size()));
    for (std::size_t i = kept.size() - fresh; i < kept.size(); ++i) call(kept[i]);
    seen_ = all;
}

std::string length_text(Length length) {
    if (length >= std::chrono::milliseconds(10)) return diagnosis::lasting_text(length);
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f ms", static_cast<double>(length.count()) / 1000);
    return text.data();
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

} // namespace fhirscope::checks
