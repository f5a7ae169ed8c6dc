#pragma once
// Counters and distributions. Everything here follows from inputs, so it is part of the state.

#include "engine/chunked.hpp"
#include "engine/types.hpp"
#include "fhir/assert.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace fhirscope::engine {

// Which of `count` sorted values (from 1) the percentile q is, by the nearest-rank rule; count is not 0.
inline std::uint64_t nearest_rank(double q, std::uint64_t count) {
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count)));
    return std::clamp<std::uint64_t>(rank, 1, count);
}

// HDR-style log-linear histogram of durations in microseconds: 32 steps to each power of two (about 3 % precision), up
// to 2^36 µs (19 hours). Bounded, never allocates after the first value.
class Histogram {
public:
    static constexpr unsigned sub_bits = 5, top_bits = 36;
    static constexpr std::size_t bucket_count = (top_bits - sub_bits + 1) << sub_bits;

    void record(std::int64_t micros) {
        if (counts_.empty()) counts_.resize(bucket_count);
        const std::uint64_t v = micros < 0 ? 0 : static_cast<std::uint64_t>(micros);
        ++counts_[bucket_of(v)];
        ++count_;
        sum_ += v;
        if (v > max_) max_ = v;
    }
    // Takes a recorded value back. max() may then be too high; set_max() where the largest of the others is known.
    void remove(std::int64_t micros) {
        const std::uint64_t v = micros < 0 ? 0 : static_cast<std::uint64_t>(micros);
        FHIRSCOPE_ASSERT(count_ > 0 && counts_[bucket_of(v)] > 0); // it was recorded
        FHIRSCOPE_ASSERT(sum_ >= v);
        --counts_[bucket_of(v)];
        --count_;
        sum_ -= v;
        if (!count_) max_ = 0;
    }
    void set_max(std::uint64_t max) { max_ = max; }
    std::uint64_t count() const { return count_; }
    std::uint64_t max() const { return max_; }
    double mean() const { return count_ ? static_cast<double>(sum_) / static_cast<double>(count_) : 0; }
    // The value in microseconds below which the fraction q lies (upper edge of its bucket, at most max()).
    std::uint64_t percentile(double q) const {
        if (!count_) return 0;
        const auto rank = nearest_rank(q, count_);
        std::uint64_t seen = 0;
        for (std::size_t b = 0; b < counts_.size(); ++b)
            if ((seen += counts_[b]) >= rank) return std::min(upper_edge(b), max_);
        return max_;
    }
    const std::vector<std::uint32_t>& counts() const { return counts_; }

    static std::size_t bucket_of(std::uint64_t v) {
        if (v < (1u << sub_bits)) return static_cast<std::size_t>(v);
        const unsigned magnitude = static_cast<unsigned>(std::bit_width(v)) - 1;
        if (magnitude >= top_bits) return bucket_count - 1;
        const unsigned shift = magnitude - sub_bits;
        return (static_cast<std::size_t>(shift + 1) << sub_bits) +
               static_cast<std::size_t>((v >> shift) & ((1u << sub_bits) - 1));
    }
    static std::uint64_t lower_edge(std::size_t bucket) {
        if (bucket < (1u << sub_bits)) return bucket;
        const unsigned shift = static_cast<unsigned>(bucket >> sub_bits) - 1;
        return ((1ull << sub_bits) + (bucket & ((1u << sub_bits) - 1))) << shift;
    }
    static std::uint64_t upper_edge(std::size_t bucket) {
        return bucket + 1 < bucket_count ? lower_edge(bucket + 1) - 1 : UINT64_MAX;
    }
    template <class A>
    void archive(A& a) {
        a(counts_, count_, sum_, max_);
    }

private:
    std::vector<std::uint32_t> counts_;
    std::uint64_t count_ = 0, sum_ = 0, max_ = 0;
};

// Counts of the whole session. received = applied + duplicates + superseded + out_of_order + rejected + checking +
// overflowed + queued.
struct Counters {
    std::uint64_t received = 0, applied = 0, duplicates = 0, superseded = 0, out_of_order = 0, rejected = 0,
                  checking = 0;
    std::uint64_t deletes = 0;    // of those applied
    std::uint64_t missed = 0;     // versions that a catch-up found and the socket never brought
    std::uint64_t recovered = 0;  // of those, applied
    std::uint64_t never_seen = 0; // versions superseded before a catch-up looked: the server's history alone has them
    std::uint64_t untimed = 0;    // by the socket, whose time says nothing of the way: counted, and in no latency
    std::uint64_t hidden = 0;     // missed, and the server does not let us read them any more
    std::uint64_t deaf = 0;       // subscriptions that seemed alive and brought nothing; made anew
    std::uint64_t checks = 0, polls = 0, reconciliations = 0, drifts = 0;
    std::uint64_t unchecked_histories = 0; // gaps whose hidden versions were not counted, for the bound on such reads
    std::uint64_t gaps = 0;                // by event number, or a count ahead of what came
    std::uint64_t gap_events = 0;          // numbers that were missing in them
    std::uint64_t repeated_events = 0;     // numbers that came again, and were passed over
    std::uint64_t overflowed = 0;          // did not fit into the queue; their resources are read instead
    std::uint64_t frames_in = 0, frames_out = 0, bytes_in = 0, bytes_out = 0;
    std::uint64_t requests = 0, request_errors = 0, bad_frames = 0, server_errors = 0, unknown_frames = 0;
    std::uint64_t opens = 0, reconnects = 0, heartbeats = 0, pings = 0, pongs = 0;
    std::uint64_t dropped_versions = 0;  // history versions given up for the memory bound
    std::uint64_t contents_given_up = 0; // of resources shown, for the bound on those
    std::uint64_t contents_read = 0;     // of them, read again
    template <class A>
    void archive(A& a) {
        a(received, applied, duplicates, superseded, out_of_order, rejected, checking, deletes, missed, recovered,
          never_seen, untimed, hidden, deaf, checks, polls, reconciliations, drifts, unchecked_histories, gaps,
          gap_events, repeated_events, overflowed, frames_in, frames_out, bytes_in, bytes_out, requests, request_errors,
          bad_frames, server_errors, unknown_frames, opens, reconnects, heartbeats, pings, pongs, dropped_versions,
          contents_given_up, contents_read);
    }
};

// One second of traffic; kept for two hours for the timeline, the percentile chart and the heat map.
struct SecondBucket {
    static constexpr std::size_t subscriptions = 16; // the last counts all others
    static constexpr std::size_t levels = 48;        // of latency: level i begins at 2^(i/2) × 0.1 ms … see level_of
    std::int64_t second = 0;                         // since the epoch, local clock
    std::array<std::uint32_t, subscriptions> updates{};
    std::array<std::uint16_t, levels> latency{}; // end to end
    std::uint32_t applied = 0, rejected = 0, out_of_order = 0, duplicates = 0;
    std::uint32_t p50 = 0, p90 = 0, p99 = 0, max = 0; // end to end, µs; of this second
    std::uint32_t queue_max = 0;
    static std::size_t level_of(std::uint64_t micros);   // 0 … levels - 1
    static std::uint64_t level_begin(std::size_t level); // µs
    template <class A>
    void archive(A& a) {
        a(second, updates, latency, applied, rejected, out_of_order, duplicates, p50, p90, p99, max, queue_max);
    }
};

// Distributions of one group (all, a subscription, a type, a channel).
struct LatencyGroup {
    Histogram end_to_end; // changed at the server → applied here, clock offset corrected
    Histogram transport;  // changed → received
    Histogram queued;     // received → dequeued
    template <class A>
    void archive(A& a) {
        a(end_to_end, transport, queued);
    }
};

} // namespace fhirscope::engine
