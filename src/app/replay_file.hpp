#pragma once
// A session file and the state that it leads to, for every subcommand that looks into one.

#include "app/command_line.hpp"
#include "app/open_session.hpp"
#include "engine/snapshot.hpp"
#include "fhir/result.hpp"
#include "session/replay.hpp"

#include <optional>
#include <string>

namespace fhirscope::app {

struct ReplayedFile {
    engine::SnapshotPtr snapshot;
    session::Replayed end;
    std::optional<std::uint64_t> recorded_hash; // see session::recorded_state
    std::string not_compared; // why the state cannot be compared with the recorded one; "" where it can
};

// Why what was read cannot be compared with what was recorded: bounds that had to be lowered. "" where none were.
std::string lowered_text(const session::Reader& reader);
// Says on stderr why what was read cannot be compared, and what could not be understood of it since a newer version wrote
// it.
void complain_of(const session::Reader& reader);
// What there is to say of a session that was read as it is (session::Summary::as_is).
std::string interrupted_change(const std::string& path);

// Opens it for these bounds, and says on stderr what is not whole about it. Errors: those of session::Reader.
Result<session::Reader> open_reader(const std::string& path, const MemoryOptions& memory, const std::stop_token& stop);
// And replays it. Errors: the same, and Cancelled.
Result<ReplayedFile> replay_file(const std::string& path, const MemoryOptions& memory, Progress* progress = nullptr);

} // namespace fhirscope::app
