#include "session/format.hpp"

#include "engine/input_message.hpp"

#include <xxhash.h>
#include <zstd.h>

#include <array>

namespace fhirscope::session {

namespace {

constexpr std::uint32_t inputs_field = 1; // of a batch's message
constexpr int keyframe_level = 1;         // of zstd: a keyframe is read more often than it is kept

// Of the bytes, seeded with what stands beside them.
template <std::size_t N>
std::uint64_t checksum_of(const std::array<std::uint64_t, N>& head, std::string_view data) {
    return XXH3_64bits_withSeed(data.data(), data.size(), XXH3_64bits(head.data(), sizeof head));
}
std::uint64_t micros_of(LocalTime at) { return static_cast<std::uint64_t>(at.time_since_epoch().count()); }

std::uint64_t checksum_of(const Batch& batch) {
    return checksum_of(
        std::array{batch.first, batch.count, micros_of(batch.first_at), micros_of(batch.last_at), batch.size},
        batch.data);
}
std::uint64_t checksum_of(const KeyframeRow& row) {
    return checksum_of(std::array{row.before, micros_of(row.at), row.size}, row.data);
}

std::string compressed(std::string_view bytes, int level) {
    std::string data(ZSTD_compressBound(bytes.size()), '\0');
    data.resize(ZSTD_compress(data.data(), data.size(), bytes.data(), bytes.size(), level));
    return data;
}

std::optional<std::string> decompressed(std::string_view data, std::uint64_t size) {
    std::string bytes(size, '\0');
    const std::size_t written = ZSTD_decompress(bytes.data(), bytes.size(), data.data(), data.size());
    return ZSTD_isError(written) || written != size ? std::nullopt : std::optional(std::move(bytes));
}

} // namespace

void append(std::string& message, const engine::Input& input) {
    engine::MessageWriter(message).field(inputs_field, input);
}

Batch pack(std::uint64_t first, std::uint64_t count, LocalTime first_at, LocalTime last_at, std::string_view message,
           int level) {
    Batch batch{first, count, first_at, last_at, message.size(), 0, compressed(message, level)};
    batch.checksum = checksum_of(batch);
    return batch;
}

Result<void> unpack(const Batch& batch, engine::PassedOver& passed_over,
                    const std::function<bool(engine::Input&)>& call) {
    const auto damaged = [&](const std::string& what) {
        return fail(ErrorCode::Damaged, "the batch that begins with input " + std::to_string(batch.first) + " " + what);
    };
    if (checksum_of(batch) != batch.checksum) return damaged("does not have its checksum");
    if (batch.size > largest_batch) return damaged("is larger than a batch can be");
    const auto message = decompressed(batch.data, batch.size);
    if (!message) return damaged("cannot be decompressed");
    const auto read = read_inputs(*message, batch.count, passed_over, call);
    return read ? Result<void>() : damaged(read.error().message);
}

Result<void> read_inputs(std::string_view message, std::uint64_t count, engine::PassedOver& passed_over,
                         const std::function<bool(engine::Input&)>& call) {
    engine::MessageReader reader(message);
    for (std::uint64_t i = 0; i < count; ++i) {
        engine::Input input{{}, engine::Tick{}};
        if (!reader.read_next(input)) return fail(ErrorCode::Damaged, "holds an input that cannot be read");
        const engine::PassedOver unknown = reader.take_passed_over();
        if (reader.understood()) {
            passed_over = passed_over + unknown;
        } else {
            ++passed_over.inputs;
            input.body = engine::Tick{}; // so that those behind it keep their numbers
        }
        if (!call(input)) return {};
    }
    if (engine::Input more; reader.read_next(more) || !reader.ok())
        return fail(ErrorCode::Damaged, "holds more than its inputs");
    passed_over = passed_over + reader.take_passed_over();
    return {};
}

KeyframeRow pack(const Keyframe& keyframe, LocalTime at) {
    KeyframeRow row{keyframe.inputs, at, keyframe.bytes.size(), 0, compressed(keyframe.bytes, keyframe_level)};
    row.checksum = checksum_of(row);
    return row;
}

std::optional<Keyframe> unpack(const KeyframeRow& row) {
    if (checksum_of(row) != row.checksum || row.size > largest_keyframe) return std::nullopt;
    auto bytes = decompressed(row.data, row.size);
    if (!bytes) return std::nullopt;
    return Keyframe{row.before, std::move(*bytes)};
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
