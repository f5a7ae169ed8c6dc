#include "session/format.hpp"

#include "engine/engine.hpp"

#include <xxhash.h>
#include <zstd.h>

namespace fhirscope::session {

namespace {

std::uint64_t checksum_of(const Batch& batch) {
    const std::uint64_t head[] = {batch.first, batch.count,
                                  static_cast<std::uint64_t>(batch.first_at.time_since_epoch().count()),
                                  static_cast<std::uint64_t>(batch.last_at.time_since_epoch().count()), batch.size};
    return XXH3_64bits_withSeed(batch.data.data(), batch.data.size(), XXH3_64bits(head, sizeof head));
}

// Writes the sizes of all fields instead of the fields, so that values do not matter.
class LayoutWriter : public engine::ArchiveBase<LayoutWriter> {
public:
    static constexpr bool reading = false, hashing = false;
    void raw(const void*, std::size_t size) { sizes_ += std::to_string(size) + ","; }
    std::size_t count(std::size_t) {
        sizes_ += "n,";
        return 0;
    }
    bool ok() const { return true; }
    void fail() {}
    const std::string& sizes() const { return sizes_; }

private:
    std::string sizes_;
};

template <std::size_t Kind = 0>
void visit_kinds(LayoutWriter& writer) {
    if constexpr (Kind < std::variant_size_v<engine::Command>) {
        engine::Input input{{}, engine::Command(std::in_place_index<Kind>)};
        writer(input);
    }
    if constexpr (Kind < std::variant_size_v<engine::InputBody>) {
        engine::Input input{{}, engine::InputBody(std::in_place_index<Kind>)};
        if (auto* start = std::get_if<engine::Start>(&input.body)) { // one of each, so that their fields show
            start->config.subscriptions.emplace_back();
            start->config.panels.emplace_back().columns.emplace_back();
        }
        writer(input);
        visit_kinds<Kind + 1>(writer);
    }
}

} // namespace

Batch pack(std::uint64_t first, std::uint64_t count, LocalTime first_at, LocalTime last_at, std::string_view archived,
           int level) {
    Batch batch{first, count, first_at, last_at, archived.size(), 0, {}};
    batch.data.resize(ZSTD_compressBound(archived.size()));
    batch.data.resize(ZSTD_compress(batch.data.data(), batch.data.size(), archived.data(), archived.size(), level));
    batch.checksum = checksum_of(batch);
    return batch;
}

Result<void> unpack(const Batch& batch, const std::function<bool(engine::Input&)>& call) {
    const auto damaged = [&](const char* what) {
        return fail(ErrorCode::Damaged, "the batch that begins with input " + std::to_string(batch.first) + " " + what);
    };
    if (checksum_of(batch) != batch.checksum) return damaged("does not have its checksum");
    if (batch.size > largest_batch) return damaged("is larger than a batch can be");
    std::string archived(batch.size, '\0');
    const std::size_t size = ZSTD_decompress(archived.data(), archived.size(), batch.data.data(), batch.data.size());
    if (ZSTD_isError(size) || size != batch.size) return damaged("cannot be decompressed");

    engine::ArchiveReader reader(archived);
    for (std::uint64_t i = 0; i < batch.count; ++i) {
        engine::Input input;
        reader(input);
        if (!reader.ok()) return damaged("holds an input that cannot be read");
        if (!call(input)) return {};
    }
    if (!reader.at_end()) return damaged("holds more than its inputs");
    return {};
}

std::string layout() {
    LayoutWriter writer;
    visit_kinds(writer);
    return engine::hash_text(XXH3_64bits(writer.sizes().data(), writer.sizes().size()));
}

std::span<const NamedCounter> counters() {
    using C = engine::Counters;
    static constexpr NamedCounter all[] = {
        {"received", &C::received},
        {"applied", &C::applied},
        {"duplicates", &C::duplicates},
        {"superseded", &C::superseded},
        {"out_of_order", &C::out_of_order},
        {"rejected", &C::rejected},
        {"missed", &C::missed},
        {"recovered", &C::recovered},
        {"reconnects", &C::reconnects},
        {"frames_in", &C::frames_in},
        {"frames_out", &C::frames_out},
        {"bytes_in", &C::bytes_in},
        {"requests", &C::requests},
        {"checking", &C::checking},
        {"deletes", &C::deletes},
        {"never_seen", &C::never_seen},
        {"hidden", &C::hidden},
        {"overflowed", &C::overflowed},
        {"deaf", &C::deaf},
        {"gaps", &C::gaps},
        {"gap_events", &C::gap_events},
        {"checks", &C::checks},
        {"polls", &C::polls},
        {"reconciliations", &C::reconciliations},
        {"drifts", &C::drifts},
        {"bad_frames", &C::bad_frames},
        {"contents_given_up", &C::contents_given_up},
        {"contents_read", &C::contents_read},
    };
    return all;
}

} // namespace fhirscope::session
