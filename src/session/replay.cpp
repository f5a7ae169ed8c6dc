#include "session/replay.hpp"

namespace fhirscope::session {

Result<Replayed> replay(const Reader& reader, engine::Engine& engine, const std::function<bool()>& go_on) {
    bool whole = true;
    const auto fed = reader.for_each([&](const engine::Input& input) {
        if (go_on && !go_on()) return whole = false;
        engine.step(input);
        return true;
    });
    if (!fed) return tl::unexpected(fed.error());
    Replayed replayed{*fed, engine.state_hash(), {}};
    if (!whole || !reader.lowered().empty()) return replayed;
    if (const auto recorded = reader.summary().state_hash) replayed.equal = *recorded == replayed.hash;
    return replayed;
}

} // namespace fhirscope::session
