#include "session/check_file.hpp"

#include "files/regular_file.hpp"
#include "session/format.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <vector>

namespace fhirscope::session {

namespace {

// A day at 10,000 notifications a second. It is read batch by batch, whose bound is that of format.hpp.
constexpr std::uint64_t largest_session = std::uint64_t{64} << 30;

constexpr std::size_t most_further_tables = 16;

// Offset of the application id in an SQLite file: https://www.sqlite.org/fileformat.html, section 1.3.
constexpr std::size_t application_id_offset = 68;
constexpr std::string_view sqlite_magic{"SQLite format 3\0", 16};

// The file and those that SQLite opens with it.
Result<files::RegularFile> open_regular(const std::string& path) {
    for (const char* beside : {"-journal", "-wal", "-shm"}) {
        const std::string other = path + beside;
        struct stat status {};
        if (::stat(other.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
            return fail(ErrorCode::Foreign, other + " lies beside the session and is not a file. Remove it, or copy " +
                                                path + " to another folder.");
    }
    auto file = files::RegularFile::open(path, largest_session);
    if (file) return file;
    Error error = file.error();
    if (error.code == ErrorCode::Missing) error.message = "there is no file " + path + ". Check the name.";
    if (error.code == ErrorCode::Special) error.message = path + " is not a file. Give a session file (.fhirscope).";
    if (error.code == ErrorCode::Special || error.code == ErrorCode::TooLarge) error.code = ErrorCode::Foreign;
    return tl::unexpected(std::move(error));
}

// Without the white space that does not matter.
std::string in_one_line(std::string_view sql) {
    std::string line;
    for (const char c : sql) {
        const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
        if (!space) line += c;
        if (space && !line.empty() && line.back() != ' ') line += ' ';
    }
    while (line.ends_with(' ')) line.pop_back();
    return line;
}

// A word of SQLite's, and not the file's.
std::string kind_of(std::string_view type) {
    for (const char* known : {"table", "view", "trigger"})
        if (type == known) return known;
    return "part";
}

std::vector<std::string> expected_tables() {
    std::vector<std::string> tables;
    std::string_view rest = schema;
    for (std::size_t end = rest.find(';'); end != rest.npos; end = rest.find(';')) {
        tables.push_back(in_one_line(rest.substr(0, end)));
        rest.remove_prefix(end + 1);
    }
    return tables;
}

} // namespace

Result<void> check_is_session(const std::string& path) {
    auto file = open_regular(path);
    if (!file) return tl::unexpected(file.error());
    std::array<char, 100> head{};
    const auto size = file->read(head.data(), head.size());
    if (!size) return tl::unexpected(size.error());
    const bool is_sqlite =
        *size >= sqlite_magic.size() && std::string_view(head.data(), sqlite_magic.size()) == sqlite_magic;
    if (*size == 0) return fail(ErrorCode::Foreign, path + " is empty. Nothing was recorded into it.");
    if (!is_sqlite) {
        return fail(ErrorCode::Foreign,
                    path + " is not a fhirscope session. A transcript in JSON lines is read with: fhirscope import " +
                        path + " -o OUT.fhirscope");
    }
    if (*size < head.size())
        return fail(ErrorCode::Damaged, path + " is cut off in its first bytes. Nothing in it can be read.");
    std::uint32_t id = 0;
    for (std::size_t i = 0; i < 4; ++i) id = id << 8 | static_cast<unsigned char>(head[application_id_offset + i]);
    if (id != application_id)
        return fail(ErrorCode::Foreign, path + " is an SQLite file of another program, not a fhirscope session.");
    return {};
}

Error unknown_part(std::string_view type) {
    return {ErrorCode::Foreign,
            "it holds a " + kind_of(type) + " that no session has, and what that would do was not tried"};
}

Result<Schema> check_schema(const Database& database) {
    auto statement = database.prepare("SELECT type, sql FROM sqlite_master");
    if (!statement) return tl::unexpected(statement.error());
    std::vector<std::string> wanted = expected_tables();
    const std::string header = wanted.front();
    Schema schema;
    for (;;) {
        const auto step = statement->step();
        if (!step) return tl::unexpected(step.error());
        if (*step == Statement::Step::Done) break;
        const std::string_view type = statement->text(0);
        const std::string sql = in_one_line(statement->text(1));
        const auto is = std::find(wanted.begin(), wanted.end(), sql);
        if (is != wanted.end()) {
            wanted.erase(is);
            continue;
        }
        if (type == "index" && sql.empty()) continue; // SQLite's own, of a table's key
        const bool is_table = type == "table" && sql.starts_with("CREATE TABLE ");
        if (!is_table || ++schema.further > most_further_tables) return tl::unexpected(unknown_part(type));
    }
    schema.header = std::find(wanted.begin(), wanted.end(), header) == wanted.end();
    schema.whole = wanted.empty();
    return schema;
}

} // namespace fhirscope::session
