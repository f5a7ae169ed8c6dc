#include "query/frame_fields.hpp"

#include "query/lookup.hpp"
#include "words/words.hpp"

namespace fhirscope::query {

using engine::FrameKind;

const Fields& frame_fields() {
    // In the order of FrameField.
    static const Fields fields(std::vector<Field>{
        {"kind",
         "What it is",
         ValueKind::Word,
         words_of<FrameKind>(static_cast<std::size_t>(FrameKind::Bad) + 1,
                             [](FrameKind kind) { return engine::to_string(kind); }),
         {},
         true},
        {"direction", "Which way it went", ValueKind::Word, {"in", "out"}},
        {"subscription", "Name of the subscription that it is about", ValueKind::Text, {}, {}, true},
        {"size", "Of its text", ValueKind::Size},
        {"text", "What stands in it", ValueKind::Text, {}, {}, true},
        {"number", "Number of the frame", ValueKind::Number, {}, {"frame"}},
        {"socket", "Number of the socket, from the first of the session", ValueKind::Number},
    });
    return fields;
}

std::string_view FrameFacts::text(std::size_t field) const {
    switch (static_cast<FrameField>(field)) {
        case FrameField::Kind:
            return engine::to_string(frame_->kind);
        case FrameField::Subscription:
            return subscription_of(snapshot_, frame_->subscription);
        case FrameField::Text:
            if (frame_->why) {
                text_ = fhirscope::words::text(*frame_->why);
                return text_;
            }
            return frame_->text ? std::string_view(*frame_->text) : std::string_view();
        default:
            return {};
    }
}

std::uint64_t FrameFacts::words(std::size_t field) const {
    if (static_cast<FrameField>(field) == FrameField::Direction)
        return std::uint64_t{1} << (frame_->outgoing ? 1U : 0U);
    return bit(frame_->kind);
}

std::optional<std::int64_t> FrameFacts::number(std::size_t field) const {
    switch (static_cast<FrameField>(field)) {
        case FrameField::Size:
            return frame_->size;
        case FrameField::Number:
            return static_cast<std::int64_t>(number_);
        default:
            return static_cast<std::int64_t>(frame_->socket);
    }
}

} // namespace fhirscope::query
