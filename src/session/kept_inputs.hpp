#pragma once
// Inputs that are kept in memory, compressed: those of a transcript, or of a running session, whose oldest ones go when
// there are too many.

#include "fhir/thread_safety.hpp"
#include "session/format.hpp"
#include "session/inputs.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace fhirscope::session {

// Thread safety: one thread adds, any may read meanwhile.
class KeptInputs : public Inputs {
public:
    void add(const engine::Input& input);

    std::uint64_t begin() const override;
    std::uint64_t end() const override;
    LocalTime first() const override;
    LocalTime last() const override;
    Result<std::uint64_t> count_until(LocalTime at) const override;
    Result<void> for_each(std::uint64_t from, const std::function<bool(const engine::Input&)>& call) const override;
    std::optional<Keyframe> keyframe_before(std::uint64_t) const override { return std::nullopt; }

    std::size_t bytes() const; // that they take

protected:
    // The next input begins a batch; its number.
    std::uint64_t end_batch();
    // Gives up what lies wholly before this input.
    void drop_before(std::uint64_t number);

private:
    void finish_batch() FHIRSCOPE_REQUIRES(mutex_);

    mutable Mutex mutex_;
    // Shared with those who read, so that a batch may leave meanwhile.
    std::deque<std::shared_ptr<const Batch>> batches_ FHIRSCOPE_GUARDED_BY(mutex_);
    struct Growing { // the batch that has not ended yet
        std::uint64_t first = 0, count = 0;
        LocalTime first_at, last_at;
        std::string message;
    } growing_ FHIRSCOPE_GUARDED_BY(mutex_);
    std::size_t bytes_ FHIRSCOPE_GUARDED_BY(mutex_) = 0;
};

} // namespace fhirscope::session
