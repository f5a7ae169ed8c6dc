#include "gui/model/news.hpp"

#include <tuple>

namespace fhirscope::gui {

namespace {

auto news_of(const engine::Snapshot& s) {
    return std::tuple(s.updates.end(), s.events.end(), s.rejections.end(), s.conflicts.size(), s.open_conflicts,
                      s.ended_edits.end(), s.connection.phase, s.connection.state, s.connection.attempts.size(),
                      s.metrics.started, s.queue_size, s.verify.state, s.panels.size(), s.stores.size());
}

} // namespace

bool is_beat(engine::FrameKind kind) {
    using engine::FrameKind;
    return kind == FrameKind::Heartbeat || kind == FrameKind::Ping || kind == FrameKind::Pong;
}

bool has_news(const engine::Snapshot& before, const engine::Snapshot& now) {
    if (news_of(before) != news_of(now) || before.edits != now.edits || now.frames.end() < before.frames.end() ||
        now.frames.first() > before.frames.end())
        return true;
    for (std::uint64_t i = before.frames.end(); i < now.frames.end(); ++i)
        if (!is_beat(now.frames[i].kind)) return true;
    return false;
}

} // namespace fhirscope::gui
