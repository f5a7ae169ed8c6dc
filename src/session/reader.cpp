#include "session/reader.hpp"

#include "engine/bounds.hpp"
#include "engine/build.hpp"
#include "session/check_file.hpp"
#include "session/database.hpp"
#include "session/format.hpp"
#include "session/number.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::session {

namespace {

// The header has some 40 lines, of a version, a name or a number each.
constexpr std::size_t most_header_lines = 256;
constexpr std::uint32_t longest_header_value = 64u << 10;
// One after the other is tried; then reading goes on without.
constexpr int most_damaged_keyframes = 8;

Error damage(const std::string& path, const std::string& what) {
    return {ErrorCode::Damaged,
            path + " is damaged: " + what + ". A copy made before the damage is needed to replay all of it."};
}

Error open_error(const std::string& path, const Error& error, const std::stop_token& stop) {
    if (error.code == ErrorCode::Cancelled || stop.stop_requested())
        return {ErrorCode::Cancelled, path + " was not read to its end."};
    if (error.code == ErrorCode::Damaged) return damage(path, error.message);
    if (error.code == ErrorCode::NeedsFolder)
        return {ErrorCode::Unreadable,
                "cannot open " + path + ": what was recorded last lies in " + path +
                    "-wal, which can be read only where files can be made beside it. Copy both files to a "
                    "folder of your own, and read them there."};
    return {ErrorCode::Unreadable, "cannot open " + path + ": " + error.message + "."};
}

} // namespace

struct Reader::Impl {
    std::string path;
    std::stop_token stop;
    Database database;
    Summary summary{};
    std::size_t resource_bytes = engine::StoreLimits{}.max_resource_bytes;
    std::vector<std::string> lowered{};

    Error damaged(const std::string& what) const { return damage(path, what); }

    // Of the database.
    Error failed(const Error& error) const {
        if (error.code == ErrorCode::Cancelled || stop.stop_requested()) return cancelled();
        return damaged(error.message);
    }

    Error cancelled() const { return {ErrorCode::Cancelled, path + " was not read to its end."}; }

    Result<void> read_all() {
        database.limit_values(longest_header_value);
        const auto schema = check_schema(database);
        if (!schema && schema.error().code == ErrorCode::Foreign) return tl::unexpected(foreign(schema.error()));
        if (!schema) return tl::unexpected(summary.as_is ? never_begun() : failed(schema.error()));
        if (schema->header)
            if (auto read = read_header(); !read) return read;
        const bool newer = summary.format_version > format_version;
        if (schema->further > 0 && !(newer && schema->whole)) return tl::unexpected(foreign(unknown_part("table")));
        if (!schema->whole) return tl::unexpected(summary.as_is ? never_begun() : damaged("a table is missing"));
        summary.further_tables = schema->further;
        database.limit_values(largest_batch_row);
        return check_inputs();
    }

    Error foreign(const Error& error) const {
        return {ErrorCode::Foreign,
                path + " is not a session as this version of fhirscope writes them: " + error.message + "."};
    }

    Error never_begun() const {
        return {ErrorCode::Foreign, path + " was being made when the program was ended. Nothing was recorded into it."};
    }

    Result<void> read_header() {
        auto statement = database.prepare("SELECT key, value FROM header");
        if (!statement) return tl::unexpected(failed(statement.error()));
        for (std::size_t lines = 1;; ++lines) {
            const auto step = statement->step();
            if (!step) return tl::unexpected(failed(step.error()));
            if (*step == Statement::Step::Done) break;
            if (lines > most_header_lines) return tl::unexpected(damaged("its header has more lines than a session's"));
            header.emplace(statement->text(0), statement->text(1));
        }
        const auto number_of = [&](const char* key) { return number<std::uint64_t>(header[key]); };

        summary.format_version = static_cast<int>(number_of("format_version").value_or(0));
        summary.tool_version = header["tool_version"];
        if (summary.format_version == 0)
            return tl::unexpected(summary.as_is ? never_begun()
                                                : damaged("it does not say which version of the format it has"));
        if (summary.format_version < format_version)
            return fail(ErrorCode::Older,
                        path + " was recorded by fhirscope " + summary.tool_version + ", whose session format " +
                            header["format_version"] +
                            " belonged to one version of the program. Use that version to replay it.");
        summary.build = header["build"];
        summary.server = header["server"];
        summary.created = header["created"];
        summary.complete = header.contains("complete");
        summary.deidentified = header["deidentified"];
        summary.redacted = number_of("redacted").value_or(0);
        summary.state_hash = number<std::uint64_t>(header["state_hash"], 16);
        summary.content = content_digest_from(header["content_digest"]);
        for (const NamedCounter& counter : counters())
            if (const auto value = number_of((std::string("counter.") + counter.name).c_str()))
                summary.counters[counter.name] = *value;
        return {};
    }

    // Row by row, and up to the first that does not fit: a tree of pages that lead to each other has no end.
    Result<void> check_inputs() {
        auto statement = database.prepare("SELECT first, count, first_at, last_at FROM inputs ORDER BY first");
        if (!statement) return tl::unexpected(failed(statement.error()));
        for (;;) {
            const auto step = statement->step();
            if (!step) return tl::unexpected(failed(step.error()));
            if (*step == Statement::Step::Done) break;
            if (stop.stop_requested()) return tl::unexpected(cancelled());
            const auto first = static_cast<std::uint64_t>(statement->integer(0));
            const std::int64_t count = statement->integer(1);
            if (auto fits = check_first(first, summary.inputs); !fits) return fits;
            if (count < 1 || static_cast<std::uint64_t>(count) > most_batch_inputs)
                return tl::unexpected(damaged("the batch that begins with input " + std::to_string(first) +
                                              " cannot hold " + std::to_string(count) + " inputs"));
            const LocalTime first_at{std::chrono::microseconds(statement->integer(2))};
            const LocalTime last_at{std::chrono::microseconds(statement->integer(3))};
            summary.first = summary.inputs == 0 ? first_at : std::min(summary.first, first_at);
            summary.last = summary.inputs == 0 ? last_at : std::max(summary.last, last_at);
            index.push_back({first, first_at});
            summary.inputs += static_cast<std::uint64_t>(count);
        }
        const auto recorded = number<std::uint64_t>(header["inputs"]);
        if (summary.complete && recorded != summary.inputs) {
            return tl::unexpected(damaged("it should hold " + std::to_string(recorded.value_or(0)) +
                                          " inputs and holds " + std::to_string(summary.inputs)));
        }
        return {};
    }

    Result<void> check_first(std::uint64_t first, std::uint64_t wanted) const {
        if (first == wanted) return {};
        return tl::unexpected(
            damaged("the inputs from " + std::to_string(wanted) + " to " + std::to_string(first) + " are missing"));
    }

    struct BatchPlace {
        std::uint64_t first = 0; // number of its first input
        LocalTime first_at;
    };
    // The batch that holds this input, or the first one.
    std::uint64_t batch_of(std::uint64_t input) const {
        const auto after = std::ranges::upper_bound(index, input, {}, &BatchPlace::first);
        return after == index.begin() ? 0 : std::prev(after)->first;
    }

    std::map<std::string, std::string, std::less<>> header{};
    engine::PassedOver passed_over{};
    std::uint64_t counted_to = 0; // inputs of which that is
    std::vector<BatchPlace> index{};
};

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Result<Reader> Reader::open(const std::string& path, const std::stop_token& stop) {
    if (auto checked = check_is_session(path); !checked) return tl::unexpected(checked.error());
    auto database = Database::open(path, Database::Mode::Read, stop);
    const bool as_is = !database && database.error().code == ErrorCode::InterruptedChange;
    // The recorder makes batches in FILE-wal alone, so such a change has touched none: see docs/session-format.md.
    if (as_is) database = Database::open(path, Database::Mode::ReadAsIs, stop);
    if (!database) return tl::unexpected(open_error(path, database.error(), stop));
    auto impl = std::make_unique<Impl>(Impl{path, stop, std::move(*database)});
    impl->summary.as_is = as_is;
    if (auto read = impl->read_all(); !read) return tl::unexpected(read.error());
    return Reader(std::move(impl));
}

const Summary& Reader::summary() const { return impl_->summary; }
const std::string& Reader::path() const { return impl_->path; }
const std::vector<std::string>& Reader::lowered() const { return impl_->lowered; }
void Reader::bound_resources(std::size_t bytes) { impl_->resource_bytes = bytes; }

Result<std::uint64_t> Reader::for_each(const std::function<bool(const engine::Input&)>& call,
                                       std::uint64_t from) const {
    auto statement = impl_->database.prepare(
        "SELECT first, count, first_at, last_at, size, checksum, data FROM inputs WHERE first >= ?1 ORDER BY first");
    if (!statement) return tl::unexpected(impl_->failed(statement.error()));
    std::uint64_t next = impl_->batch_of(from), given = 0;
    statement->bind(1, static_cast<std::int64_t>(next));
    if (from == 0) impl_->lowered.clear();
    bool wanted = true;
    while (wanted) {
        const auto step = statement->step();
        if (!step) return tl::unexpected(impl_->failed(step.error()));
        if (impl_->stop.stop_requested()) return tl::unexpected(impl_->cancelled());
        if (*step == Statement::Step::Done) break;

        const auto unsigned_at = [&](int column) { return static_cast<std::uint64_t>(statement->integer(column)); };
        const auto time_at = [&](int column) {
            return LocalTime(std::chrono::microseconds(statement->integer(column)));
        };
        const Batch batch{unsigned_at(0),
                          unsigned_at(1),
                          time_at(2),
                          time_at(3),
                          unsigned_at(4),
                          unsigned_at(5),
                          std::string(statement->blob(6))};
        if (auto fits = impl_->check_first(batch.first, next); !fits) return tl::unexpected(fits.error());
        engine::PassedOver passed_over;
        const auto unpacked = unpack(batch, passed_over, [&](engine::Input& input) {
            if (next++ < from) return true;
            ++given;
            if (auto* start = std::get_if<engine::Start>(&input.body))
                for (std::string& bound : engine::lower_bounds(start->config, impl_->resource_bytes))
                    impl_->lowered.push_back(std::move(bound));
            return wanted = call(input);
        });
        if (!unpacked) return tl::unexpected(impl_->damaged(unpacked.error().message));
        if (wanted && batch.first >= impl_->counted_to) {
            impl_->counted_to = next;
            impl_->passed_over = impl_->passed_over + passed_over;
        }
    }
    return given;
}

Result<std::uint64_t> Reader::count_until(LocalTime at) const {
    const auto after = std::ranges::upper_bound(impl_->index, at, {}, &Impl::BatchPlace::first_at);
    if (after == impl_->index.begin()) return 0;
    const std::uint64_t first = std::prev(after)->first;
    const auto counted = for_each([&](const engine::Input& input) { return input.at <= at; }, first);
    if (!counted) return counted;
    // The last one that was given is later, unless they ended.
    return first + *counted - (first + *counted < impl_->summary.inputs || impl_->summary.last > at ? 1 : 0);
}

engine::PassedOver Reader::passed_over() const { return impl_->passed_over; }

std::optional<Keyframe> Reader::keyframe_before(std::uint64_t from) const {
    // With larger bounds than are allowed here it is another state than the inputs lead to, and would fill the memory.
    static_cast<void>(for_each([](const engine::Input&) { return false; }));
    if (!impl_->lowered.empty()) return std::nullopt;
    auto statement = impl_->database.prepare(
        "SELECT before, at, size, checksum, data FROM keyframes WHERE build = ?1 AND before <= ?2 AND before <= ?3 "
        "ORDER BY before DESC");
    if (!statement) return std::nullopt;
    statement->bind(1, engine::build());
    const auto bind = [&](int parameter, std::uint64_t value) {
        statement->bind(parameter, static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX)));
    };
    bind(2, from);
    bind(3, impl_->summary.inputs);
    for (int tried = 0; tried < most_damaged_keyframes; ++tried) {
        const auto step = statement->step();
        if (!step || *step == Statement::Step::Done) return std::nullopt;
        const auto number_at = [&](int column) { return static_cast<std::uint64_t>(statement->integer(column)); };
        const KeyframeRow row{number_at(0), LocalTime(std::chrono::microseconds(statement->integer(1))), number_at(2),
                              number_at(3), std::string(statement->blob(4))};
        if (auto keyframe = unpack(row)) return keyframe;
    }
    return std::nullopt;
}

} // namespace fhirscope::session
