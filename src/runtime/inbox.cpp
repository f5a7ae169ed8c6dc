#include "runtime/inbox.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::runtime {
namespace {

std::size_t size_of(const engine::Input& input) {
    if (const auto* frame = std::get_if<engine::Frame>(&input.body)) return frame->text ? frame->text->size() : 0;
    if (const auto* answer = std::get_if<engine::HttpAnswer>(&input.body))
        return answer->body ? answer->body->size() : 0;
    return 0;
}

} // namespace

Inbox::Inbox(std::size_t max_inputs, std::size_t max_bytes, std::function<void()> room)
    : max_inputs_(max_inputs), max_bytes_(max_bytes), room_(std::move(room)) {}

bool Inbox::push(engine::Input input) {
    const Lock lock(mutex_);
    bytes_ += size_of(input);
    inputs_.push_back(std::move(input));
    peak_ = std::max(peak_, inputs_.size());
    was_full_ = was_full_ || full();
    changed_.notify_one();
    return !was_full_;
}

void Inbox::take(std::vector<engine::Input>& out, std::size_t max) {
    bool has_room = false;
    {
        const Lock lock(mutex_);
        for (std::size_t n = std::min(max, inputs_.size()); n > 0; --n) {
            bytes_ -= size_of(inputs_.front());
            out.push_back(std::move(inputs_.front()));
            inputs_.pop_front();
        }
        if (was_full_ && inputs_.size() <= max_inputs_ / 2 && bytes_ <= max_bytes_ / 2) {
            was_full_ = false;
            has_room = true;
        }
    }
    if (has_room) room_();
}

void Inbox::wait_until(Time until) {
    Lock lock(mutex_);
    while (inputs_.empty() && !woken_)
        if (until == Time::max()) // wait_until would overflow when it converts the clock
            changed_.wait(lock);
        else if (!changed_.wait_until(lock, until))
            break;
    woken_ = false;
}

void Inbox::wake() {
    const Lock lock(mutex_);
    woken_ = true;
    changed_.notify_one();
}

std::size_t Inbox::peak() const {
    const Lock lock(mutex_);
    return peak_;
}

} // namespace fhirscope::runtime
