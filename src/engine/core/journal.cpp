// The bounded logs, each with a running hash of all that ever went in.

#include "engine/core/journal.hpp"

#include "engine/core/metrics.hpp"
#include "engine/core/state.hpp"
#include "engine/log_rows.hpp"
#include "fhir/assert.hpp"
#include "fhir/utf8.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

constexpr std::size_t longest_event = 2'048, longest_rejected = 64u << 10; // bytes
constexpr std::size_t chunk_of_frames = Log<FrameRow, 256>::chunk_size;
constexpr std::size_t chunk_of_edits = Log<LocalEditPtr, 64>::chunk_size;
constexpr std::size_t longest_ended_edits = 64u << 20; // bytes

} // namespace

std::string_view version_of(const UpdateRow& row) {
    const auto end = std::find(row.version.begin(), row.version.end(), '\0');
    return {row.version.data(), static_cast<std::size_t>(end - row.version.begin())};
}

void limit_logs(State& s) {
    Journal& journal = *s.journal;
    journal.updates.set_bound(s.config.update_rows);
    journal.stage_times.set_bound(s.config.update_rows);
    journal.events.set_bound(s.config.event_rows);
    journal.rejections.set_bound(s.config.rejection_rows);
}

void restore_times(State& s) {
    const auto& updates = s.journal->updates;
    s.journal->stage_times.reset(updates.first());
    for (std::uint64_t i = updates.first(); i < updates.end(); ++i) s.journal->stage_times.push_back({});
}

void log_event(State& s, Fact what, SubscriptionIndex subscription) {
    FHIRSCOPE_ASSERT(is_event(what.code));
    cut_texts(what, longest_event); // a server's words are in it
    Event event{s.now, subscription, std::move(what)};
    s.journal->events.digest.add_hash(event);
    s.journal->events.push_back(std::move(event));
}

void write_frames(State& s, ArchiveWriter& writer) {
    auto& frames = s.journal->frames;
    std::uint64_t first = frames.first(), count = frames.size();
    writer(first, count);
    for (std::uint64_t n = first; n < frames.end(); ++n) {
        FrameRow row = frames[n];
        if (row.input != FrameRow::no_input) row.text = nullptr;
        writer(row);
    }
    frames.reset(first);
}

void read_frames(State& s, ArchiveReader& reader) {
    auto& frames = s.journal->frames;
    std::uint64_t first = 0, count = 0;
    reader(first, count);
    frames.reset(first);
    for (std::uint64_t n = 0; n < count && reader.ok(); ++n) {
        FrameRow row;
        reader(row);
        frames.push_back(std::move(row));
    }
}

// Into chunks of their own: snapshots hold those that there are.
void put_frame_texts(State& s, const std::function<Text(std::uint64_t input)>& text_of) {
    auto& frames = s.journal->frames;
    std::vector<FrameRow> rows;
    rows.reserve(frames.size());
    for (std::uint64_t n = frames.first(); n < frames.end(); ++n) rows.push_back(frames[n]);
    frames.reset(frames.first());
    for (FrameRow& row : rows) {
        if (row.has_to_be_read()) row.text = text_of(row.input);
        frames.push_back(std::move(row));
    }
}

std::uint64_t log_frame(State& s, FrameRow row) {
    Journal& j = *s.journal;
    const std::uint64_t number = j.frames.end();
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
    j.frames.digest.add(&fixed, sizeof fixed);
    if (row.why) j.frames.digest.add_hash(*row.why);
    if (row.text) {
        // What an event carries is in the stores, and hashed there; here its envelope does.
        j.frames.digest.add(std::string_view(*row.text).substr(0, 512));
        row.text_bytes = static_cast<std::uint32_t>(row.text->size());
        j.frame_text_bytes += row.text_bytes;
    }
    while (j.frames.size() > s.config.frame_rows + chunk_of_frames || j.frame_text_bytes > s.config.frame_bytes) {
        std::size_t bytes = 0;
        for (std::uint64_t n = j.frames.first(); n < j.frames.first() + chunk_of_frames && n < j.frames.end(); ++n)
            bytes += j.frames[n].text_bytes;
        if (!j.frames.drop_chunk()) break;
        j.frame_text_bytes -= bytes;
    }
    if (row.text &&
        j.frame_text_bytes > s.config.frame_bytes) { // the newest ones alone are too much: this one is a row
        j.frame_text_bytes -= row.text_bytes;
        row.text = nullptr;
        row.text_bytes = 0;
    }
    j.frames.push_back(std::move(row));
    return number;
}

void log_closing(State& s, SocketId socket, bool outgoing, SubscriptionIndex subscription, Fact reason) {
    cut_texts(reason, longest_reason);
    log_frame(s, {s.now, socket, FrameKind::Close, outgoing, subscription, 0, nullptr,
                  std::make_shared<const Fact>(std::move(reason))});
}

std::uint64_t log_update(State& s, const UpdateRow& row, const StageTimes& times) {
    const std::uint64_t number = s.journal->updates.end();
    s.journal->updates.digest.add(&row, hashed_row_bytes);
    s.journal->updates.push_back(row);
    s.journal->stage_times.push_back(times);
    if (row.record != no_record) s.stores.named({row.type, row.record}, number);
    s.stores.rows_begin_at(s.journal->updates.first());
    count_times(s, row, times);
    return number;
}

void log_rejection(State& s, Rejection rejection) {
    fhir::cut_utf8(rejection.reference, longest_event);
    cut_texts(rejection.reason, longest_event);
    if (rejection.text && rejection.text->size() > longest_rejected) {
        std::string text = *rejection.text;
        fhir::cut_utf8(text, longest_rejected);
        rejection.text = make_text(std::move(text));
    }
    s.journal->rejections.digest.add(rejection.reference);
    s.journal->rejections.digest.add_hash(rejection.reason);
    s.journal->rejections.push_back(std::move(rejection));
}

void log_failed_request(State& s, FailedRequest failed) {
    fhir::cut_utf8(failed.reference, longest_event);
    cut_texts(failed.answer, longest_event);
    s.journal->failed_requests.digest.add_hash(failed);
    s.journal->failed_requests.push_back(std::move(failed));
}

std::size_t memory_bytes(const LocalEdit& edit) {
    std::size_t bytes = sizeof(LocalEdit) + edit.reference.size() + edit.problem.text_bytes();
    for (const fhir::ResourcePtr& content : {edit.base, edit.local}) bytes += content ? content->memory_bytes() : 0;
    for (const fhir::FieldEdit& field : edit.fields) bytes += sizeof field + field.path.size() + field.value.size();
    for (const fhir::FieldChange& field : edit.server_changed)
        bytes += sizeof field + field.path.size() + field.before.size() + field.after.size();
    return bytes + (edit.row ? edit.row->memory_bytes() : 0);
}

void log_ended_edit(State& s, LocalEdit edit) {
    Journal& j = *s.journal;
    j.ended_edits.digest.add_hash(edit);
    std::size_t bytes = memory_bytes(edit);
    while (j.ended_edits.size() >= ended_edits_kept + chunk_of_edits ||
           j.ended_edit_bytes + bytes > longest_ended_edits) {
        std::size_t leaves = 0;
        for (std::uint64_t n = j.ended_edits.first(); n < j.ended_edits.first() + chunk_of_edits; ++n)
            if (n < j.ended_edits.end()) leaves += memory_bytes(*j.ended_edits[n]);
        if (!j.ended_edits.drop_chunk()) break;
        j.ended_edit_bytes -= leaves;
    }
    if (j.ended_edit_bytes + bytes > longest_ended_edits) { // the newest ones alone are too much: what it was is enough
        fhir::cut_utf8(edit.reference, longest_event);
        cut_texts(edit.problem, longest_event);
        edit.base = edit.local = nullptr;
        edit.row = nullptr;
        edit.fields = {};
        edit.asked = {};
        edit.server_changed = {};
        bytes = memory_bytes(edit);
    }
    j.ended_edit_bytes += bytes;
    j.ended_edits.push_back(std::make_shared<const LocalEdit>(std::move(edit)));
}

} // namespace fhirscope::engine
