#include "app/bookmarks.hpp"

#include "app/output.hpp"
#include "fhir/json.hpp"
#include "fhir/utf8.hpp"
#include "files/private_file.hpp"
#include "files/regular_file.hpp"

#include <algorithm>
#include <filesystem>

namespace fhirscope::app {

namespace {

constexpr std::uint64_t largest_file = 4u << 20;
constexpr unsigned file_version = 1;

} // namespace

Bookmarks::Bookmarks(std::string file) : file_(std::move(file)) {
    std::error_code none;
    if (file_.empty() || !std::filesystem::exists(file_, none)) return;
    if (auto got = read(); !got) {
        complain("the bookmarks in " + file_ + " cannot be read, and new ones are not kept", got.error().message);
        file_.clear();
        all_.clear();
    }
}

Result<void> Bookmarks::read() {
    auto file = files::RegularFile::open(file_, largest_file);
    if (!file) return tl::unexpected(file.error());
    auto text = file->read_rest();
    if (!text) return tl::unexpected(text.error());
    fhir::Limits limits;
    limits.max_bytes = largest_file;
    const auto json = fhir::parse_json(*text, limits);
    if (!json) return tl::unexpected(json.error());
    const auto malformed = [] { return fail(ErrorCode::Malformed, "it is no list of bookmarks of this version"); };
    if (!json->IsObject() || !json->HasMember("version") || !(*json)["version"].IsUint() ||
        (*json)["version"].GetUint() != file_version || !json->HasMember("bookmarks") ||
        !(*json)["bookmarks"].IsArray())
        return malformed();
    for (const auto& one : (*json)["bookmarks"].GetArray()) {
        if (!one.IsObject() || !one.HasMember("at") || !one["at"].IsInt64() || all_.size() >= most) return malformed();
        put(LocalTime(std::chrono::microseconds(one["at"].GetInt64())), std::string(fhir::string_at(one, "text")));
    }
    return {};
}

void Bookmarks::put(LocalTime at, std::string text) {
    fhir::cut_utf8(text, longest_text);
    const auto later = std::upper_bound(all_.begin(), all_.end(), at,
                                        [](LocalTime time, const gui::Bookmark& one) { return time < one.at; });
    all_.insert(later, {next_++, at, std::move(text)});
}

void Bookmarks::add(LocalTime at, std::string text) {
    if (all_.size() >= most) return complain("there are " + std::to_string(most) + " bookmarks, and no room for more");
    put(at, std::move(text));
    save();
}

void Bookmarks::rename(std::uint64_t number, std::string text) {
    const auto one = std::find_if(all_.begin(), all_.end(), [&](const auto& b) { return b.number == number; });
    if (one == all_.end()) return;
    fhir::cut_utf8(text, longest_text);
    one->text = std::move(text);
    save();
}

void Bookmarks::remove(std::uint64_t number) {
    if (std::erase_if(all_, [&](const auto& one) { return one.number == number; }) > 0) save();
}

void Bookmarks::save() {
    if (file_.empty()) return;
    fhir::JsonWriter json;
    json.object().member("version", file_version).array("bookmarks");
    for (const gui::Bookmark& one : all_)
        json.object()
            .member("at", static_cast<std::int64_t>(one.at.time_since_epoch().count()))
            .member("text", one.text)
            .end();
    json.end().end();
    if (auto written = files::replace_private_file(file_, json.take()); !written) {
        complain("bookmarks are not kept beside the recording", written.error().message);
        file_.clear();
    }
}

} // namespace fhirscope::app
