#include "session/moments.hpp"

#include <zstd.h>

#include <algorithm>
#include <utility>

namespace fhirscope::session {

namespace {

// What the rest of a state costs: counters, histograms, tables of chunks.
constexpr std::size_t fixed_cost = 128u << 10;

} // namespace

SmallMoment make_small(const engine::Engine::Kept& kept, engine::Engine::Packed what) {
    SmallMoment small{engine::Engine::pack(kept, what), 0};
    small.size = small.kept.bytes.size();
    std::string compressed(ZSTD_compressBound(small.size), '\0');
    compressed.resize(ZSTD_compress(compressed.data(), compressed.size(), small.kept.bytes.data(), small.size, 1));
    compressed.shrink_to_fit();
    small.kept.bytes = std::move(compressed);
    return small;
}

Result<engine::Engine::Kept> SmallMoment::unpack() const {
    engine::Engine::Kept whole = kept;
    whole.bytes.resize(size);
    const std::size_t read = ZSTD_decompress(whole.bytes.data(), size, kept.bytes.data(), kept.bytes.size());
    if (ZSTD_isError(read) || read != size) return fail(ErrorCode::Damaged, "a moment that was kept is damaged");
    return whole;
}

// What came since the moment before is held for this one, though the engine may have given it up.
std::size_t Moments::Moment::bytes() const {
    return fixed_cost + small.kept.bytes.size() + static_cast<std::size_t>(std::min<std::uint64_t>(resources, since));
}

void Moments::add(std::uint64_t number, const engine::Engine& engine) {
    using Packed = engine::Engine::Packed;
    if (moments_.contains(number)) return;
    const engine::Engine::Weight weight = engine.weight();
    const bool packs = weight.resources <= packs_up_to_;
    Moment moment{make_small(engine.keep(), packs ? Packed::FramesAndStores : Packed::Frames),
                  packs ? 0 : weight.resources, weight.bytes_in, weight.bytes_in};
    if (const auto after = moments_.upper_bound(number); after != moments_.begin())
        moment.since -= std::min(moment.since, std::prev(after)->second.came_in);
    bytes_ += moment.bytes();
    moments_.emplace(number, std::move(moment));
    if (bytes_ > budget_) thin_out();
}

std::optional<Moments::Found> Moments::before(std::uint64_t number) const {
    const auto after = moments_.upper_bound(number);
    if (after == moments_.begin()) return std::nullopt;
    const auto& [at, moment] = *std::prev(after);
    return Found{at, &moment.small};
}

// The newest stays, since it is the next that is gone on from.
void Moments::thin_out() {
    bool stays = moments_.size() % 2 != 0;
    std::uint64_t left = 0; // what the one before alone had brought belongs to the next one now
    bytes_ = 0;
    for (auto moment = moments_.begin(); moment != moments_.end(); stays = !stays) {
        moment->second.since += std::exchange(left, 0);
        if (stays) {
            bytes_ += moment->second.bytes();
            ++moment;
        } else {
            left = moment->second.since;
            ++given_up_;
            moment = moments_.erase(moment);
        }
    }
}

void Moments::clear() {
    moments_.clear();
    bytes_ = 0;
}

} // namespace fhirscope::session
