#include "server/search.hpp"

#include "fhir/ascii.hpp"
#include "fhir/criteria.hpp"
#include "fhir/json.hpp"
#include "fhir/path.hpp"
#include "fhir/percent.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace fhirscope::server {

namespace {

constexpr std::size_t default_count = 20, max_count = 1000, max_offset = 10'000, least_cursor_count = 20;

// Parameters that steer the answer and do not select.
constexpr auto control_names =
    std::to_array<std::string_view>({"_sort", "_count", "_offset", "_cursor", "_total", "_summary", "_elements",
                                     "_fields", "_include", "_revinclude", "_format", "_pretty", "_deleted", "_type"});

bool is_control(std::string_view name) {
    return std::find(control_names.begin(), control_names.end(), name.substr(0, name.find(':'))) != control_names.end();
}

std::optional<std::size_t> number(std::string_view text) {
    std::size_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// A date of a search: digits and separators in their places. The calendar is not asked.
bool looks_like_date(std::string_view value) {
    for (auto prefix : {"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"})
        if (value.starts_with(prefix)) {
            value.remove_prefix(2);
            break;
        }
    constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd";
    if (value.size() < 4) return false;
    for (std::size_t i = 0; i < std::min(value.size(), form.size()); ++i) {
        bool digit = fhir::is_digit(value[i]);
        if (form[i] == 'd' ? !digit : value[i] != form[i] && value[i] != 'Z') return false;
    }
    return true;
}

// `_lastUpdated` as the database compares it: with the instant at which the value begins, however coarse it is. nullopt
// for the prefixes and forms that are left to the general rules.
std::optional<bool> compare_last_updated(ServerTime time, std::string_view value) {
    auto prefix = value.substr(0, 2);
    constexpr auto compared = std::to_array<std::string_view>({"gt", "ge", "lt", "le", "sa", "eb"});
    if (std::find(compared.begin(), compared.end(), prefix) == compared.end()) return std::nullopt;
    std::string text(value.substr(2));
    constexpr std::string_view rest = "0000-01-01T00:00:00.000";
    if (text.size() < rest.size() && text.find('Z') == std::string::npos && text.find('+') == std::string::npos &&
        (text.size() <= 10 || text.rfind('-') < 10))
        text += rest.substr(text.size());
    if (text.size() == rest.size() && text.back() != 'Z') text += 'Z';
    auto instant = fhir::parse_instant(text);
    if (!instant) return std::nullopt;
    if (prefix == "gt" || prefix == "sa") return time > *instant;
    if (prefix == "ge") return time >= *instant;
    return prefix == "le" ? time <= *instant : time < *instant;
}

// Where a sort parameter looks; "" when it is not known, and then it is ignored.
std::string_view sort_path(std::string_view name) {
    static constexpr auto paths = std::to_array<std::pair<std::string_view, std::string_view>>({
        {"_id", "id"},
        {"status", "status"},
        {"intent", "intent"},
        {"priority", "priority"},
        {"authored-on", "authoredOn"},
        {"modified", "lastModified"},
        {"due-date", "restriction.period.end"},
        {"period", "executionPeriod.start"},
        {"owner", "owner.reference"},
        {"patient", "for.reference"},
        {"subject", "for.reference | subject.reference"},
        {"code", "code.text | code.coding.code"},
        {"name", "name.text | name.family"},
        {"family", "name.family"},
        {"given", "name.given"},
        {"birthdate", "birthDate"},
        {"gender", "gender"},
        {"created", "created"},
    });
    for (const auto& [key, path] : paths)
        if (key == name) return path;
    return {};
}

int priority_rank(std::string_view priority) {
    return priority == "stat"      ? 50
           : priority == "asap"    ? 40
           : priority == "urgent"  ? 30
           : priority == "routine" ? 20
                                   : 10;
}

struct SortKey {
    std::string name;
    bool descending = false;
};

std::vector<SortKey> parse_sort(std::string_view text) {
    std::vector<SortKey> keys;
    while (!text.empty()) {
        auto comma = text.find(',');
        auto name = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
        bool descending = name.starts_with('-');
        if (descending) name.remove_prefix(1);
        if (!name.empty()) keys.push_back({std::string(name), descending});
    }
    return keys;
}

// Orders by time and then by id, so that paging is stable, unless `keys` say otherwise.
void sort_versions(std::vector<VersionPtr>& versions, const std::vector<SortKey>& keys) {
    auto by_time = [](const VersionPtr& a, const VersionPtr& b) {
        return a->last_updated != b->last_updated ? a->last_updated < b->last_updated : a->id < b->id;
    };
    std::sort(versions.begin(), versions.end(), by_time);
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
        struct Item {
            std::string text;
            std::int64_t number = 0;
            VersionPtr version;
        };
        std::vector<Item> items;
        items.reserve(versions.size());
        auto path = fhir::Path::parse(sort_path(key->name));
        auto priority = fhir::Path::parse("priority");
        for (auto& version : versions) {
            Item item{{}, 0, version};
            if (key->name == "_lastUpdated")
                item.number = version->last_updated.time_since_epoch().count();
            else if (key->name == "priority-order" && version->resource && priority)
                item.number = priority_rank(priority->text(*version->resource));
            else if (!sort_path(key->name).empty() && path && version->resource)
                item.text = path->text(*version->resource);
            items.push_back(std::move(item));
        }
        bool down = key->descending;
        std::stable_sort(items.begin(), items.end(), [down](const Item& a, const Item& b) {
            const auto& x = down ? b : a;
            const auto& y = down ? a : b;
            return x.number != y.number ? x.number < y.number : x.text < y.text;
        });
        for (std::size_t i = 0; i < items.size(); ++i) versions[i] = std::move(items[i].version);
    }
}

// A deleted resource, as far as a search for deleted ones can look at it.
std::string tombstone_text(const Version& version) {
    fhir::JsonWriter json;
    json.object().member("resourceType", version.type).member("id", version.id);
    json.object("meta").member("lastUpdated", fhir::format_instant(version.last_updated)).end().end();
    return json.take();
}

// The first parameter that the type does not have, "" when it has them all.
std::string unknown_parameter(const std::string& type, const Parameters& parameters) {
    for (const auto& [name, value] : parameters.items) {
        if (is_control(name)) continue;
        auto alone = fhir::Criteria::parse(type + "?" + name + "=" + fhir::percent_encode(value, ","));
        auto warnings = alone ? alone->lint() : std::vector<fhir::CriteriaWarning>{};
        if (std::any_of(warnings.begin(), warnings.end(), [](const auto& w) { return w.code == "unknown-parameter"; }))
            return name.substr(0, name.find(':'));
    }
    return {};
}

Result<std::vector<VersionPtr>> select(const Store& store, const std::vector<std::string>& types,
                                       const Parameters& parameters, const Filter& filter) {
    bool deleted = parameters.get("_deleted") == "true";
    std::string query;
    std::vector<std::string> times; // `_lastUpdated` values compared here
    for (const auto& [name, value] : parameters.items) {
        if (is_control(name)) continue;
        if (name == "_lastUpdated" && compare_last_updated(ServerTime{}, value)) {
            times.push_back(value);
            continue;
        }
        if (name == "_lastUpdated" && !looks_like_date(value))
            return fail(ErrorCode::Criteria, "Invalid format for date search parameter: " +
                                                 value.substr(std::min<std::size_t>(2, value.size())));
        query += (query.empty() ? "?" : "&") + name + "=" + fhir::percent_encode(value, ",");
    }
    std::vector<VersionPtr> matches;
    for (const auto& type : types) {
        auto criteria = fhir::Criteria::parse(type + query);
        if (!criteria) return fail(ErrorCode::Criteria, criteria.error().message);
        if (auto unknown = unknown_parameter(type, parameters); !unknown.empty())
            return fail(ErrorCode::Criteria, "Unknown search parameter: " + unknown);
        for (auto& version : store.all(type)) {
            auto in_time = [&](const std::string& value) {
                return *compare_last_updated(version->last_updated, value);
            };
            if (filter && !filter(*version)) continue;
            if (version->deleted() != deleted || !std::all_of(times.begin(), times.end(), in_time)) continue;
            auto resource = version->resource;
            if (deleted)
                if (auto stub = fhir::parse_resource(tombstone_text(*version))) resource = *stub;
            if (!resource) continue;
            auto match = query.empty() ? fhir::Match::Yes : criteria->matches(*resource, fhir::MatchMode::Spec);
            if (match == fhir::Match::Unknown) return fail(ErrorCode::Criteria, "Unsupported search: " + type + query);
            if (match == fhir::Match::Yes) matches.push_back(std::move(version));
        }
    }
    return matches;
}

// resourceType, id, meta (with the tag that says so) and the members asked for.
std::string subset(const std::string& text, std::string_view fields) {
    auto resource = fhir::parse_json(text);
    if (!resource) return text;
    auto& memory = resource->GetAllocator();
    auto wanted = "," + std::string(fields) + ",";
    for (auto member = resource->MemberBegin(); member != resource->MemberEnd();) {
        std::string name(member->name.GetString(), member->name.GetStringLength());
        bool keep = name == "resourceType" || name == "id" || name == "meta" ||
                    wanted.find("," + name + ",") != std::string::npos;
        member = keep ? member + 1 : resource->EraseMember(member);
    }
    auto tag = fhir::parse_json(R"({"system":"http://hl7.org/fhir/v3/ObservationValue","code":"SUBSETTED"})");
    if (auto meta = resource->FindMember("meta"); meta != resource->MemberEnd() && meta->value.IsObject() && tag) {
        if (!meta->value.HasMember("tag"))
            meta->value.AddMember("tag", rapidjson::Value(rapidjson::kArrayType), memory);
        if (meta->value["tag"].IsArray()) meta->value["tag"].PushBack(rapidjson::Value(*tag, memory), memory);
    }
    return fhir::to_text(*resource);
}

struct Page {
    std::size_t count = default_count, offset = 0;
    bool by_cursor = false;
    std::optional<ServerTime> cursor_time; // from here on …
    std::string cursor_skip;               // … but without these ids, ","-separated
};

// "2-<epoch ms>-<ids to skip>". Opaque to clients.
bool read_cursor(std::string_view text, Page& page) {
    if (!text.starts_with("2-")) return false;
    text.remove_prefix(2);
    auto dash = text.find('-');
    auto time = number(text.substr(0, dash));
    if (!time) return false;
    page.cursor_time = ServerTime(std::chrono::milliseconds(static_cast<std::int64_t>(*time)));
    page.cursor_skip = dash == std::string_view::npos ? std::string() : std::string(text.substr(dash + 1));
    return true;
}

std::string write_cursor(const std::vector<VersionPtr>& page, const Page& previous) {
    auto last = page.back()->last_updated;
    std::string skip = previous.cursor_time == last ? previous.cursor_skip : std::string();
    for (const auto& version : page)
        if (version->last_updated == last) skip += (skip.empty() ? "" : ",") + version->id;
    return "2-" + std::to_string(last.time_since_epoch().count()) + "-" + skip;
}

Result<Page> read_page(const Parameters& parameters) {
    Page page;
    if (auto count = parameters.find("_count")) {
        auto value = number(*count);
        if (!value) return fail(ErrorCode::Criteria, "Invalid _count: " + *count);
        page.count = std::min(*value, max_count);
    }
    if (parameters.get("_summary") == "count") page.count = 0;
    auto offset = parameters.find("_offset");
    if (offset) {
        auto value = number(*offset);
        if (!value) return fail(ErrorCode::Criteria, "Invalid _offset: " + *offset);
        if (*value > max_offset)
            return fail(ErrorCode::Criteria,
                        "Search offset exceeds maximum (got " + *offset + ", max " + std::to_string(max_offset) + ")");
        page.offset = *value;
    }
    auto cursor = parameters.find("_cursor");
    if (cursor && offset) return fail(ErrorCode::Criteria, "Cannot use both _offset and _cursor");
    // Exactly ascending _lastUpdated, a page of 20 or more, and no offset.
    page.by_cursor = parameters.get("_sort") == "_lastUpdated" && page.count >= least_cursor_count && !offset;
    if (cursor && (!page.by_cursor || !read_cursor(*cursor, page)))
        return fail(ErrorCode::Criteria, "Invalid _cursor: " + *cursor);
    return page;
}

void write_link(fhir::JsonWriter& json, std::string_view relation, std::string_view url, const Parameters& parameters) {
    json.object().member("relation", relation).member("url", std::string(url) + "?" + parameters.sorted()).end();
}

} // namespace

std::string rest_text(const Version& version, bool extended) {
    return extended ? std::string(version.full_text()) : version.plain_text();
}

Result<std::vector<VersionPtr>> find_matches(const Store& store, const std::string& type, const Parameters& parameters,
                                             const Filter& filter) {
    return select(store, {type}, parameters, filter);
}

OutcomeReply search(const Store& store, std::string_view base_url, const SearchRequest& request) {
    auto parameters = request.parameters;
    auto page = read_page(parameters);
    if (!page) return outcomes::bad_request(page.error().message);
    auto matches = select(store, request.types, parameters, request.filter);
    if (!matches) return outcomes::bad_request(matches.error().message);
    auto total = matches->size();
    if (page->by_cursor)
        sort_versions(*matches, {});
    else
        sort_versions(*matches, parse_sort(parameters.get("_sort")));

    if (page->cursor_time) {
        auto skipped = "," + page->cursor_skip + ",";
        std::erase_if(*matches, [&](const VersionPtr& v) {
            return v->last_updated < *page->cursor_time ||
                   (v->last_updated == *page->cursor_time && skipped.find("," + v->id + ",") != std::string::npos);
        });
    }
    auto first = std::min(page->offset, matches->size());
    auto last = std::min(first + page->count, matches->size());
    bool more = last < matches->size() && page->count > 0;
    std::vector<VersionPtr> shown(matches->begin() + static_cast<std::ptrdiff_t>(first),
                                  matches->begin() + static_cast<std::ptrdiff_t>(last));
    // Medplum's cursor cannot step over more than a page of one millisecond.
    if (page->by_cursor && more && shown.front()->last_updated == (*matches)[last]->last_updated)
        return outcomes::server_error("Cursor fails to make progress");

    auto fields = parameters.get("_fields").empty() ? parameters.get("_elements") : parameters.get("_fields");
    auto fhir_base = std::string(base_url) + "fhir/R4/";
    fhir::JsonWriter json;
    json.object().member("resourceType", "Bundle").member("type", "searchset");
    bool deleted = parameters.get("_deleted") == "true";
    if (!shown.empty()) json.array("entry");
    for (const auto& version : shown) {
        auto text = deleted ? tombstone_text(*version) : rest_text(*version, request.extended);
        json.object()
            .member("fullUrl", fhir_base + version->reference())
            .raw("search", R"({"mode":"match"})")
            .raw("resource", fields.empty() || deleted ? text : subset(text, fields))
            .end();
    }
    if (!shown.empty()) json.end();
    auto wants_total = parameters.get("_total");
    if (wants_total == "accurate" || wants_total == "estimate" || parameters.get("_summary") == "count")
        json.member("total", total);

    // Links carry what was understood, in Medplum's form.
    if (parameters.get("_summary") == "count") parameters.set("_total", "accurate");
    parameters.remove("_summary");
    parameters.remove("_elements");
    if (!fields.empty()) parameters.set("_fields", fields);
    parameters.set("_count", std::to_string(page->count));
    auto url = fhir_base + (request.types.size() == 1 ? request.types.front() : std::string("MultipleTypes"));
    if (request.types.size() > 1) {
        std::string names;
        for (const auto& type : request.types) names += (names.empty() ? "" : ",") + type;
        parameters.set("_type", names);
    }
    json.array("link");
    write_link(json, "self", url, parameters);
    if (!shown.empty()) {
        auto other = parameters;
        other.remove("_offset");
        other.remove("_cursor");
        write_link(json, "first", url, other);
        if (more) {
            auto next = other;
            if (page->by_cursor)
                next.set("_cursor", write_cursor(shown, *page));
            else
                next.set("_offset", std::to_string(page->offset + page->count));
            write_link(json, "next", url, next);
        }
        if (page->offset > 0) {
            auto previous = other;
            if (page->offset > page->count) previous.set("_offset", std::to_string(page->offset - page->count));
            write_link(json, "previous", url, previous);
        }
    }
    json.end().end();
    return {200, json.take()};
}

} // namespace fhirscope::server
