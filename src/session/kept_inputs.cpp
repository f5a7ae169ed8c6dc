#include "session/kept_inputs.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::session {

namespace {

// As in a file. The level is that of a thread that has other things to do.
constexpr std::uint64_t batch_inputs = 512;
constexpr std::size_t batch_bytes = 64u << 10;
constexpr int level = 1;

std::size_t cost(const Batch& batch) { return sizeof(Batch) + batch.data.size(); }

} // namespace

void KeptInputs::add(const engine::Input& input) {
    const Lock lock(mutex_);
    if (growing_.count == 0) growing_.first_at = input.at;
    ++growing_.count;
    growing_.last_at = input.at;
    append(growing_.message, input);
    if (growing_.count >= batch_inputs || growing_.message.size() >= batch_bytes) finish_batch();
}

void KeptInputs::finish_batch() {
    Batch batch = pack(growing_.first, growing_.count, growing_.first_at, growing_.last_at, growing_.message, level);
    batch.data.shrink_to_fit();
    bytes_ += cost(batch);
    batches_.push_back(std::make_shared<const Batch>(std::move(batch)));
    growing_.first += growing_.count;
    growing_.count = 0;
    growing_.message.clear();
}

std::uint64_t KeptInputs::begin() const {
    const Lock lock(mutex_);
    return batches_.empty() ? growing_.first : batches_.front()->first;
}

std::uint64_t KeptInputs::end() const {
    const Lock lock(mutex_);
    return growing_.first + growing_.count;
}

LocalTime KeptInputs::first() const {
    const Lock lock(mutex_);
    if (!batches_.empty()) return batches_.front()->first_at;
    return growing_.count > 0 ? growing_.first_at : LocalTime{};
}

LocalTime KeptInputs::last() const {
    const Lock lock(mutex_);
    if (growing_.count > 0) return growing_.last_at;
    return batches_.empty() ? LocalTime{} : batches_.back()->last_at;
}

std::size_t KeptInputs::bytes() const {
    const Lock lock(mutex_);
    return bytes_ + growing_.message.size();
}

std::uint64_t KeptInputs::end_batch() {
    const Lock lock(mutex_);
    if (growing_.count > 0) finish_batch();
    return growing_.first;
}

void KeptInputs::drop_before(std::uint64_t number) {
    const Lock lock(mutex_);
    while (!batches_.empty() && batches_.front()->first + batches_.front()->count <= number) {
        bytes_ -= cost(*batches_.front());
        batches_.pop_front();
    }
}

Result<std::uint64_t> KeptInputs::count_until(LocalTime at) const {
    std::uint64_t from = 0;
    {
        const Lock lock(mutex_);
        const auto after = std::upper_bound(
            batches_.begin(), batches_.end(), at,
            [](LocalTime time, const std::shared_ptr<const Batch>& batch) { return time < batch->first_at; });
        const bool in_growing = growing_.count > 0 && growing_.first_at <= at;
        if (!in_growing && after == batches_.begin())
            return batches_.empty() ? growing_.first : batches_.front()->first;
        from = in_growing ? growing_.first : (*std::prev(after))->first;
    }
    std::uint64_t until = from;
    const auto counted = for_each(from, [&](const engine::Input& input) {
        if (input.at > at) return false;
        ++until;
        return true;
    });
    if (!counted) return tl::unexpected(counted.error());
    return until;
}

Result<void> KeptInputs::for_each(std::uint64_t from, const std::function<bool(const engine::Input&)>& call) const {
    for (std::uint64_t next = from;;) {
        std::shared_ptr<const Batch> batch;
        std::uint64_t first = 0, count = 0;
        std::string message;
        {
            const Lock lock(mutex_);
            const auto after = std::upper_bound(
                batches_.begin(), batches_.end(), next,
                [](std::uint64_t number, const std::shared_ptr<const Batch>& one) { return number < one->first; });
            if (after != batches_.begin() && next < (*std::prev(after))->first + (*std::prev(after))->count) {
                batch = *std::prev(after);
                first = batch->first;
            } else if (next >= growing_.first + growing_.count) {
                return {};
            } else if (next >= growing_.first) {
                first = growing_.first;
                count = growing_.count;
                message = growing_.message;
            } else {
                return fail(ErrorCode::Missing, "what came at this moment is not kept any more");
            }
        }
        bool goes_on = true;
        const auto give = [&](engine::Input& input) {
            if (first++ < next) return true;
            ++next;
            return goes_on = call(input);
        };
        engine::PassedOver none; // all of it was written here
        const auto read = batch ? unpack(*batch, none, give) : read_inputs(message, count, none, give);
        if (!read) return read;
        if (!goes_on) return {};
    }
}

} // namespace fhirscope::session
