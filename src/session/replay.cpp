#include "session/replay.hpp"

#include "engine/build.hpp"

namespace fhirscope::session {

std::optional<std::uint64_t> recorded_state(const Summary& summary) {
    return summary.build == engine::build() ? summary.state_hash : std::nullopt;
}

Comparison compare_with_recorded(const Reader& reader, std::uint64_t hash, const ContentDigest& content) {
    const Summary& summary = reader.summary();
    const auto state = recorded_state(summary);
    Comparison comparison{.equal = {}, .by_state = state.has_value()};
    if (!reader.lowered().empty()) return comparison;
    if (state)
        comparison.equal = *state == hash;
    else if (summary.content)
        comparison.equal = summary.content->matches(content);
    return comparison;
}

Result<Replayed> replay(const Reader& reader, engine::Engine& engine, const std::function<bool()>& go_on) {
    bool whole = true;
    const auto fed = reader.for_each([&](const engine::Input& input) {
        if (go_on && !go_on()) return whole = false;
        engine.step(input);
        return true;
    });
    if (!fed) return tl::unexpected(fed.error());
    Replayed replayed{*fed, engine.state_hash(), content_digest(*engine.publish())};
    if (!whole) return replayed;
    const Comparison comparison = compare_with_recorded(reader, replayed.hash, replayed.content);
    replayed.equal = comparison.equal;
    replayed.by_state = comparison.by_state;
    return replayed;
}

} // namespace fhirscope::session
