#include "session/reader.hpp"

#include "engine/bounds.hpp"
#include "session/database.hpp"
#include "session/format.hpp"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

namespace fhirscope::session {

namespace {

// Offset of the application id in an SQLite file: https://www.sqlite.org/fileformat.html, section 1.3.
constexpr std::size_t application_id_offset = 68;
constexpr std::string_view sqlite_magic{"SQLite format 3\0", 16};

// Looks at the first bytes before SQLite does, so that a foreign file is named as such.
Result<void> check_is_session(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return fail("missing", "there is no file " + path + ". Check the name.");
        return fail("unreadable", "cannot read " + path + ": " + std::strerror(errno) + ".");
    }
    if (!S_ISREG(status.st_mode)) return fail("foreign", path + " is not a file. Give a session file (.fhirscope).");

    std::ifstream file(path, std::ios::binary);
    if (!file) return fail("unreadable", "cannot read " + path + ": " + std::strerror(errno) + ".");
    std::array<char, 100> head{};
    file.read(head.data(), head.size());
    const auto size = static_cast<std::size_t>(file.gcount());
    const bool is_sqlite =
        size >= sqlite_magic.size() && std::string_view(head.data(), sqlite_magic.size()) == sqlite_magic;
    if (size == 0) return fail("foreign", path + " is empty. Nothing was recorded into it.");
    if (!is_sqlite) {
        return fail("foreign",
                    path + " is not a fhirscope session. A transcript in JSON lines is read with: fhirscope import " +
                        path + " -o OUT.fhirscope");
    }
    if (size < head.size()) return fail("damaged", path + " is cut off in its first bytes. Nothing in it can be read.");
    std::uint32_t id = 0;
    for (std::size_t i = 0; i < 4; ++i) id = id << 8 | static_cast<unsigned char>(head[application_id_offset + i]);
    if (id != application_id) {
        return fail("foreign", path + " is an SQLite file of another program, not a fhirscope session.");
    }
    return {};
}

template <class T>
std::optional<T> number(std::string_view text, int base = 10) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace

struct Reader::Impl {
    std::string path;
    Database database;
    Summary summary;
    std::size_t resource_bytes = engine::StoreLimits{}.max_resource_bytes;
    std::vector<std::string> lowered{};

    Error damaged(const std::string& what) const {
        return {"damaged",
                path + " is damaged: " + what + ". A copy made before the damage is needed to replay all of it."};
    }

    Result<void> read_header() {
        auto statement = database.prepare("SELECT key, value FROM header");
        if (!statement) return tl::unexpected(damaged(statement.error().message));
        std::map<std::string, std::string, std::less<>> header;
        for (;;) {
            const auto step = statement->step();
            if (!step) return tl::unexpected(damaged(step.error().message));
            if (*step == Statement::Step::Done) break;
            header.emplace(statement->text(0), statement->text(1));
        }
        const auto number_of = [&](const char* key) { return number<std::uint64_t>(header[key]); };

        summary.format_version = static_cast<int>(number_of("format_version").value_or(0));
        summary.tool_version = header["tool_version"];
        if (summary.format_version == 0)
            return tl::unexpected(damaged("it does not say which version of the format it has"));
        if (summary.format_version != format_version || header["layout"] != layout()) {
            return fail("newer", path + " was recorded by fhirscope " + summary.tool_version +
                                     ", whose session format (" + header["format_version"] + ", layout " +
                                     header["layout"] + ") this version does not read. Use that version to replay it.");
        }
        summary.server = header["server"];
        summary.created = header["created"];
        summary.complete = header.contains("complete");
        summary.redacted = number_of("redacted").value_or(0);
        summary.state_hash = number<std::uint64_t>(header["state_hash"], 16);
        for (const NamedCounter& counter : counters()) {
            if (const auto value = number_of((std::string("counter.") + counter.name).c_str()))
                summary.counters[counter.name] = *value;
        }
        return check_inputs(number_of("inputs"));
    }

    Result<void> check_inputs(std::optional<std::uint64_t> recorded) {
        auto statement = database.prepare("SELECT sum(count), min(first_at), max(last_at) FROM inputs");
        if (!statement) return tl::unexpected(damaged(statement.error().message));
        if (const auto step = statement->step(); !step) return tl::unexpected(damaged(step.error().message));
        summary.inputs = static_cast<std::uint64_t>(statement->integer(0));
        summary.first = LocalTime(std::chrono::microseconds(statement->integer(1)));
        summary.last = LocalTime(std::chrono::microseconds(statement->integer(2)));
        if (summary.complete && recorded != summary.inputs) {
            return tl::unexpected(damaged("it should hold " + std::to_string(recorded.value_or(0)) +
                                          " inputs and holds " + std::to_string(summary.inputs)));
        }
        return {};
    }
};

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Result<Reader> Reader::open(const std::string& path) {
    if (auto checked = check_is_session(path); !checked) return tl::unexpected(checked.error());
    auto database = Database::open(path, Database::Mode::Read);
    if (!database) return fail("unreadable", "cannot open " + path + ": " + database.error().message + ".");
    auto impl = std::make_unique<Impl>(Impl{path, std::move(*database), {}});
    if (auto read = impl->read_header(); !read) return tl::unexpected(read.error());
    return Reader(std::move(impl));
}

const Summary& Reader::summary() const { return impl_->summary; }
const std::string& Reader::path() const { return impl_->path; }
const std::vector<std::string>& Reader::lowered() const { return impl_->lowered; }
void Reader::bound_resources(std::size_t bytes) { impl_->resource_bytes = bytes; }

Result<std::uint64_t> Reader::for_each(const std::function<bool(const engine::Input&)>& call) const {
    auto statement = impl_->database.prepare(
        "SELECT first, count, first_at, last_at, size, checksum, data FROM inputs ORDER BY first");
    if (!statement) return tl::unexpected(impl_->damaged(statement.error().message));
    std::uint64_t given = 0;
    impl_->lowered.clear();
    for (;;) {
        const auto step = statement->step();
        if (!step) return tl::unexpected(impl_->damaged(step.error().message));
        if (*step == Statement::Step::Done) return given;

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
        if (batch.first != given) {
            return tl::unexpected(impl_->damaged("the inputs from " + std::to_string(given) + " to " +
                                                 std::to_string(batch.first) + " are missing"));
        }
        auto inputs = unpack(batch);
        if (!inputs) return tl::unexpected(impl_->damaged(inputs.error().message));
        for (engine::Input& input : *inputs) {
            ++given;
            if (auto* start = std::get_if<engine::Start>(&input.body))
                for (std::string& bound : engine::lower_bounds(start->config, impl_->resource_bytes))
                    impl_->lowered.push_back(std::move(bound));
            if (!call(input)) return given;
        }
    }
}

} // namespace fhirscope::session
