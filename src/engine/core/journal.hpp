#pragma once
// The bounded logs, each with a running hash of all that ever went in.

#include "engine/core/hashed_log.hpp"
#include "engine/core/part.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace fhirscope::engine {

constexpr std::size_t ended_edits_kept = 256, failed_requests_kept = 1'024;

struct Journal {
    HashedLog<UpdateRow> updates;
    HashedLog<FrameRow, 256> frames;
    HashedLog<Event, 256> events;
    HashedLog<Rejection, 64> rejections;
    HashedLog<LocalEditPtr, 64> ended_edits{ended_edits_kept};
    HashedLog<FailedRequest, 64> failed_requests{failed_requests_kept};
    std::size_t frame_text_bytes = 0, ended_edit_bytes = 0;
    Log<StageTimes> stage_times; // parallel to updates; observations of this machine, not archived
    template <class A>
    void archive(A& a) {
        a(updates, frames, events, rejections, ended_edits, failed_requests, frame_text_bytes);
        if constexpr (!A::hashing) a(ended_edit_bytes); // how large our own structs are is no part of the state
    }
};

// The frame log of a moment that is kept, without the texts that inputs brought.
void write_frames(State& s, ArchiveWriter& writer); // and empties it
void read_frames(State& s, ArchiveReader& reader);
void put_frame_texts(State& s, const std::function<Text(std::uint64_t input)>& text_of);
void limit_logs(State& s);    // by the configuration
void restore_times(State& s); // of a keyframe, which has none: rows and times stay parallel

void log_event(State& s, Fact what, SubscriptionIndex subscription = no_subscription);
std::uint64_t log_frame(State& s, FrameRow row);
void log_closing(State& s, SocketId socket, bool outgoing, SubscriptionIndex subscription, Fact reason);
std::uint64_t log_update(State& s, const UpdateRow& row, const StageTimes& times);
void log_rejection(State& s, Rejection rejection);
void log_failed_request(State& s, FailedRequest failed);
void log_ended_edit(State& s, LocalEdit edit);
std::size_t memory_bytes(const LocalEdit& edit);

} // namespace fhirscope::engine
