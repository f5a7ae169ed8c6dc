#pragma once
// What a filter can ask about a frame of a socket.

#include "engine/snapshot.hpp"
#include "query/fields.hpp"

#include <cstdint>
#include <string>

namespace fhirscope::query {

enum class FrameField : std::uint8_t { Kind, Direction, Subscription, Size, Text, Number, Socket };

const Fields& frame_fields();

class FrameFacts final : public Facts {
public:
    // It must outlive it.
    explicit FrameFacts(const engine::Snapshot& snapshot) : snapshot_(snapshot) {}
    // Which frame is asked about.
    FrameFacts& at(std::uint64_t number) {
        number_ = number;
        frame_ = &snapshot_.frames[number];
        return *this;
    }

    std::string_view text(std::size_t field) const override;
    std::uint64_t words(std::size_t field) const override;
    std::optional<std::int64_t> number(std::size_t field) const override;

private:
    const engine::Snapshot& snapshot_;
    const engine::FrameRow* frame_ = nullptr;
    std::uint64_t number_ = 0;
    mutable std::string text_;
};

} // namespace fhirscope::query
