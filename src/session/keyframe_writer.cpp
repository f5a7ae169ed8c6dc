#include "session/keyframe_writer.hpp"

#include "engine/build.hpp"
#include "session/database.hpp"
#include "session/format.hpp"
#include "session/reader.hpp"

#include <utility>

namespace fhirscope::session {

struct KeyframeWriter::Impl {
    Database database;
};

KeyframeWriter::KeyframeWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KeyframeWriter::~KeyframeWriter() = default;

std::unique_ptr<KeyframeWriter> KeyframeWriter::open(const std::string& path) {
    // What a stranger's file holds beside a session's tables would run when it is written.
    const auto reader = Reader::open(path);
    if (!reader || !reader->summary().complete || reader->summary().as_is) return nullptr;
    auto database = Database::open(path, Database::Mode::Write);
    if (!database) return nullptr;
    return std::unique_ptr<KeyframeWriter>(new KeyframeWriter(std::make_unique<Impl>(Impl{std::move(*database)})));
}

bool KeyframeWriter::add(const Keyframe& keyframe, LocalTime at) {
    if (keyframe.bytes.empty() || keyframe.bytes.size() > largest_keyframe) return false;
    const KeyframeRow row = pack(keyframe, at);
    if (row.data.size() > largest_batch_row) return false;
    auto statement = impl_->database.prepare("INSERT OR REPLACE INTO keyframes VALUES (?, ?, ?, ?, ?, ?)");
    if (!statement) return false;
    statement->bind(1, engine::build());
    statement->bind(2, static_cast<std::int64_t>(row.before));
    statement->bind(3, row.at.time_since_epoch().count());
    statement->bind(4, static_cast<std::int64_t>(row.size));
    statement->bind(5, static_cast<std::int64_t>(row.checksum));
    statement->bind_blob(6, row.data);
    return statement->step().has_value();
}

} // namespace fhirscope::session
