// The bounded logs, each with a running hash of all that ever went in.

#include "engine/journal.hpp"

#include "engine/state.hpp"
#include "fhir/utf8.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

constexpr std::size_t longest_event = 2'048, longest_rejected = 64u << 10; // bytes
constexpr std::size_t chunk_of_frames = Log<FrameRow, 256>::chunk_size;

} // namespace

std::string_view version_of(const UpdateRow& row) {
    const auto end = std::find(row.version.begin(), row.version.end(), '\0');
    return {row.version.data(), static_cast<std::size_t>(end - row.version.begin())};
}

void log_event(State& s, EventKind kind, Severity severity, std::string text, SubscriptionIndex subscription) {
    fhir::cut_utf8(text, longest_event); // a server's words are in it
    const Event event{s.now, kind, severity, subscription, std::move(text)};
    const struct {
        std::int64_t at;
        std::uint16_t kind, severity, subscription, zero;
    } fixed{s.now.time_since_epoch().count(), static_cast<std::uint16_t>(kind), static_cast<std::uint16_t>(severity),
            subscription, 0};
    s.events_digest.add(&fixed, sizeof fixed);
    s.events_digest.add(event.text);
    s.events.push_back(event);
}

std::uint64_t log_frame(State& s, FrameRow row) {
    const std::uint64_t number = s.frames.end();
    const struct {
        std::int64_t at;

        std::uint32_t socket, size;
        std::uint16_t kind, outgoing, subscription, zero;
    } fixed{row.at.time_since_epoch().count(),
            row.socket,
            row.size,
            static_cast<std::uint16_t>(row.kind),
            row.outgoing,
            row.subscription,
            0};
    s.frames_digest.add(&fixed, sizeof fixed);
    if (row.text) {
        // What an event carries is in the stores, and hashed there; here its envelope does.
        s.frames_digest.add(std::string_view(*row.text).substr(0, 512));
        s.frame_text_bytes += row.text->size();
    }
    while (s.frames.size() > s.config.frame_rows + chunk_of_frames || s.frame_text_bytes > s.config.frame_bytes) {
        std::size_t bytes = 0;
        for (std::uint64_t n = s.frames.first(); n < s.frames.first() + chunk_of_frames && n < s.frames.end(); ++n)
            bytes += s.frames[n].text ? s.frames[n].text->size() : 0;
        if (!s.frames.drop_chunk()) break;
        s.frame_text_bytes -= bytes;
    }
    if (row.text &&
        s.frame_text_bytes > s.config.frame_bytes) { // the newest ones alone are too much: this one is a row
        s.frame_text_bytes -= row.text->size();
        row.text = nullptr;
    }
    s.frames.push_back(std::move(row));
    return number;
}

std::uint64_t log_update(State& s, const UpdateRow& row, const StageTimes& times) {
    const std::uint64_t number = s.updates.end();
    s.updates_digest.add(&row, hashed_row_bytes);
    s.updates.push_back(row);
    s.stage_times.push_back(times);
    if (row.record != no_record) s.stores.named({row.type, row.record}, number);
    s.stores.rows_begin_at(s.updates.first());
    if (s.clock) {
        if (row.subscription < s.stage_sums.size()) {
            auto& sums = s.stage_sums[row.subscription];
            for (std::size_t i = 0; i < StageTimes::stages; ++i) sums[i] += times.nanos[i];
            ++sums[StageTimes::stages];
        }
        for (std::size_t i = 0; i < StageTimes::stages; ++i) s.stage_histograms[i].record(times.nanos[i]);
    }
    return number;
}

void log_rejection(State& s, Rejection rejection) {
    fhir::cut_utf8(rejection.reference, longest_event);
    fhir::cut_utf8(rejection.reason, longest_event);
    if (rejection.text && rejection.text->size() > longest_rejected) {
        std::string text = *rejection.text;
        fhir::cut_utf8(text, longest_rejected);
        rejection.text = make_text(std::move(text));
    }
    s.rejections_digest.add(rejection.reference);
    s.rejections_digest.add(rejection.reason);
    s.rejections.push_back(std::move(rejection));
}

} // namespace fhirscope::engine
