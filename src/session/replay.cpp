#include "session/replay.hpp"

namespace fhirscope::session {

Result<Replayed> replay(const Reader& reader, engine::Engine& engine) {
    const auto fed = reader.for_each([&](const engine::Input& input) {
        engine.step(input);
        return true;
    });
    if (!fed) return tl::unexpected(fed.error());
    Replayed replayed{*fed, engine.state_hash(), {}};
    if (const auto recorded = reader.summary().state_hash) replayed.equal = *recorded == replayed.hash;
    return replayed;
}

} // namespace fhirscope::session
