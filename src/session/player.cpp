#include "session/player.hpp"

#include <map>
#include <utility>

namespace fhirscope::session {

Player::Player(const Inputs& inputs, PlayerOptions options)
    : inputs_(inputs), options_(options), moments_(options.budget, options.packs_up_to) {}

Result<bool> Player::seek(std::uint64_t number, const std::function<bool()>& go_on) {
    number = std::min(number, inputs_.end());
    if (auto gone = go_back_for(number); !gone) return tl::unexpected(gone.error());
    if (position_ >= number) return true;
    stepped_ = 0;
    if (options_.clock) began_ = options_.clock();
    const auto stepped = inputs_.for_each(position_, [&](const engine::Input& input) {
        if (go_on && !go_on()) return false;
        engine_.step(input);
        ++position_;
        ++stepped_;
        keep_if_due();
        return position_ < number;
    });
    furthest_ = std::max(furthest_, position_);
    if (!stepped) return tl::unexpected(stepped.error());
    return position_ >= number;
}

// To what is nearest before it: the state there is, a moment that is kept here, a keyframe of the inputs, or nothing.
Result<void> Player::go_back_for(std::uint64_t number) {
    const bool is_ahead = position_ > number;
    const auto kept = moments_.before(number);
    // The state there is saves reading a moment back, which takes as long as a few thousand inputs.
    if (kept && (is_ahead || kept->number >= position_ + options_.apart)) {
        auto whole = kept->moment->unpack();
        if (!whole) return tl::unexpected(whole.error());
        auto engine = engine::Engine::resume(*whole);
        if (!engine) return tl::unexpected(engine.error());
        engine_ = std::move(*engine);
        position_ = kept->number;
    } else if (is_ahead || position_ < inputs_.begin()) {
        engine_ = engine::Engine();
        position_ = 0;
    }
    // One that belongs to another build, or is damaged, is passed over: all inputs from the beginning lead there, too.
    if (number < position_ + 16 * options_.apart && position_ >= inputs_.begin()) return {};
    const auto frame = inputs_.keyframe_before(number);
    if (frame && (frame->inputs > position_ || position_ < inputs_.begin()))
        if (auto engine = frame->engine()) {
            engine_ = std::move(*engine);
            position_ = frame->inputs;
        }
    if (position_ < inputs_.begin()) return fail(ErrorCode::Missing, "what led to this moment is not kept any more");
    return {};
}

void Player::keep_if_due() {
    if (stepped_ < 64) return;
    const std::uint64_t times = std::uint64_t{1} << doubled_;
    const bool late = options_.clock &&
                      options_.clock() - began_ >= static_cast<std::uint64_t>(options_.apart_in_time.count()) * times;
    if (!late && (options_.clock || stepped_ < options_.apart * times)) return;
    if (const auto near = moments_.before(position_); !near || position_ - near->number >= stepped_ / 2) {
        const std::uint64_t given_up = moments_.given_up();
        moments_.add(position_, engine_);
        if (moments_.given_up() != given_up) ++doubled_;
    }
    stepped_ = 0;
    if (options_.clock) began_ = options_.clock();
}

Result<bool> Player::read_texts(const std::function<bool()>& go_on) {
    const auto first = engine_.first_text_to_read();
    if (!first) return false;
    // Where a recording begins in the middle of a session, its inputs are numbered otherwise than the engine's.
    const std::uint64_t shift = engine_.inputs() - position_;
    const std::uint64_t from = std::max(inputs_.begin(), *first - std::min(*first, shift));
    std::map<std::uint64_t, engine::Text> texts;
    std::uint64_t number = from;
    bool stopped = false;
    const auto read = inputs_.for_each(from, [&](const engine::Input& input) {
        stopped = go_on && !go_on();
        if (stopped || number >= position_) return false;
        if (const auto* frame = std::get_if<engine::Frame>(&input.body)) texts.emplace(number + shift, frame->text);
        if (const auto* sent = std::get_if<engine::FrameSent>(&input.body)) texts.emplace(number + shift, sent->text);
        ++number;
        return true;
    });
    if (!read) return tl::unexpected(read.error());
    if (stopped) return false;
    engine_.put_texts([&](std::uint64_t input) {
        const auto text = texts.find(input);
        return text == texts.end() ? nullptr : text->second;
    });
    return true;
}

engine::SnapshotPtr Player::publish() {
    engine_.set_revision(++revision_);
    return engine_.publish();
}

void Player::forget() {
    moments_.clear();
    engine_ = engine::Engine();
    position_ = 0;
}

} // namespace fhirscope::session
