#include "checks/expectation.hpp"
#include "checks/member_reader.hpp"
#include "diagnosis/causes/table.hpp"
#include "diagnosis/report.hpp"
#include "fhir/json.hpp"
#include "fhir/json_place.hpp"
#include "fhir/reference.hpp"
#include "files/regular_file.hpp"
#include "query/conflict_fields.hpp"
#include "query/update_fields.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <utility>

namespace fhirscope::checks {

namespace {

using Names = std::vector<std::string>;

constexpr double most_counted = 1e15; // what a double still counts exactly

query::Query filter_of(MemberReader& read, const char* name, const query::Fields& fields) {
    const std::string text = read.text(name);
    if (text.empty()) return {};
    auto query = query::Query::parse(text, fields);
    if (query) return std::move(*query);
    read.wrong("\"" + std::string(name) + "\": " + query.error().message, name);
    return {};
}

Condition condition_of(MemberReader& read) {
    Condition what;
    what.type = read.text("type");
    what.reference = read.text("resource");
    if (!what.reference.empty() && !fhir::is_reference(what.reference))
        read.wrong("\"resource\" must be Type/id, such as Task/8d0c41f2", "resource");
    what.identifier = read.text("identifier");
    if (const auto bar = what.identifier.find('|'); bar != std::string::npos) {
        what.system = what.identifier.substr(0, bar);
        what.identifier.erase(0, bar + 1);
    }
    what.filter = read.text("filter");
    if (!what.filter.empty() && what.type.empty())
        read.wrong("\"filter\" asks for columns of a panel, so it needs \"type\"", "filter");
    if (const std::string field = read.text("field"); !field.empty()) {
        if (auto path = fhir::Path::parse(field))
            what.field = std::move(*path);
        else
            read.wrong("\"field\": " + path.error().message, "field");
    }
    what.values = read.texts("value");
    if (what.field.has_value() == what.values.empty())
        read.wrong("\"field\" and \"value\" need each other", what.field ? "field" : "value");
    return what;
}

Expected shows_of(MemberReader& read) {
    Shows shows;
    shows.what = condition_of(read);
    shows.within = read.length("within", true);
    const std::string since = read.text("since");
    if (since == "outage") shows.since = Since::Outage;
    if (!since.empty() && since != "change" && since != "outage") {
        shows.since = Since::Moment;
        shows.moment = read.moment("since");
    }
    if (shows.since != Since::Change && !shows.what.field)
        read.wrong("\"since\" needs \"field\" and \"value\": what is to be shown by then", "since");
    return shows;
}

Expected never_of(MemberReader& read) {
    const std::string what = read.choice("what", {"applied-twice", "version-back", "shows"}, true);
    if (what != "shows") return Never{what == "version-back" ? Never::What::VersionBack : Never::What::AppliedTwice};
    Shows shows{.what = condition_of(read), .never = true};
    if (!shows.what.field) read.wrong("\"shows\" needs \"field\" and \"value\"", "what");
    return shows;
}

Expected live_of(MemberReader& read) {
    Live live;
    live.within = read.length("within", true);
    live.after_outage = read.choice("after", {"outage", "start"}, true) == "outage";
    return live;
}

Expected count_of(MemberReader& read) {
    Count count;
    const std::string of = read.text("of");
    if (of == "updates") {
        count.filter = filter_of(read, "filter", query::update_fields());
    } else if (of == "conflicts") {
        count.of = Count::Of::Conflicts;
        count.filter = filter_of(read, "filter", query::conflict_fields());
    } else if ((count.member = counter_named(of)) != nullptr) {
        count.of = Count::Of::Counter;
        count.counter = of;
        if (read.has("filter")) read.wrong("\"filter\" is for \"updates\" and \"conflicts\"", "filter");
    } else {
        read.wrong("\"of\" must be one of updates, conflicts, " + counter_names(), "of");
    }
    const auto exactly = read.number("exactly", 0, most_counted), least = read.number("at-least", 0, most_counted),
               most = read.number("at-most", 0, most_counted);
    if (!exactly && !least && !most) read.wrong("\"count\" needs \"exactly\", \"at-least\" or \"at-most\"");
    if (exactly && (least || most)) read.wrong("\"exactly\" stands alone", "exactly");
    if (exactly || least) count.least = static_cast<std::uint64_t>(exactly ? *exactly : *least);
    if (exactly || most) count.most = static_cast<std::uint64_t>(exactly ? *exactly : *most);
    if (count.least > count.most) read.wrong("\"at-least\" is more than \"at-most\"", "at-least");
    return count;
}

Expected latency_of(MemberReader& read) {
    Latency latency;
    const std::string stage = read.choice("stage", {"applied", "transport", "queued"}, false);
    if (stage == "transport") latency.stage = Latency::Stage::Transport;
    if (stage == "queued") latency.stage = Latency::Stage::Queued;
    const auto percentile = read.number("percentile", 0.1, 100);
    if (!percentile) read.wrong("\"latency\" needs \"percentile\"");
    latency.permille = static_cast<std::uint32_t>(std::lround(percentile.value_or(100) * 10));
    latency.below = read.length("below", true);
    latency.filter = filter_of(read, "filter", query::update_fields());
    return latency;
}

Expected no_incident_of(MemberReader& read) {
    NoIncident none;
    const std::string above = read.choice("above", {"none", "info", "attention"}, true);
    none.any = above == "none";
    if (above == "attention") none.above = engine::Severity::Attention;
    none.except = read.texts("except");
    for (const std::string& cause : none.except) {
        const auto all = diagnosis::all_causes();
        if (std::none_of(all.begin(), all.end(),
                         [&](const diagnosis::CauseInfo& one) { return one.id == cause || one.name == cause; }))
            read.wrong("\"except\": there is no cause \"" + cause + "\" (docs/diagnosis.md has all)", "except");
    }
    return none;
}

Expected conflict_of(MemberReader& read) {
    ConflictEnds ends;
    ends.filter = filter_of(read, "filter", query::conflict_fields());
    const auto words = query::words_of<engine::ConflictOutcome>(
        engine::conflict_outcomes, [](engine::ConflictOutcome outcome) { return engine::to_string(outcome); });
    for (const std::string& name : read.texts("outcome")) {
        const auto found = std::find(words.begin(), words.end(), name);
        if (found == words.end()) read.wrong("\"outcome\" must be one of " + listed(words), "outcome");
        ends.outcomes.push_back(static_cast<engine::ConflictOutcome>(found - words.begin()));
    }
    if (ends.outcomes.empty()) read.wrong("\"conflict\" needs \"outcome\"");
    return ends;
}

Expected order_of(MemberReader& read) {
    Order order;
    order.first = filter_of(read, "first", query::update_fields());
    order.then = filter_of(read, "then", query::update_fields());
    if (order.first.empty() || order.then.empty()) read.wrong("\"order\" needs \"first\" and \"then\"");
    order.same_resource = read.yes("same-resource");
    return order;
}

// A kind: its name, what reads it, and the members that it may have.
struct Shape {
    std::string_view name;
    Expected (*read)(MemberReader&);
    std::initializer_list<std::string_view> members;
};
const std::array<Shape, 9>& shapes() {
    static const std::array<Shape, 9> all{{
        {"shows", shows_of, {"type", "resource", "identifier", "filter", "field", "value", "within", "since"}},
        {"live", live_of, {"within", "after"}},
        {"count", count_of, {"of", "filter", "exactly", "at-least", "at-most"}},
        {"all-recovered", [](MemberReader&) -> Expected { return AllRecovered{}; }, {}},
        {"never", never_of, {"what", "type", "resource", "identifier", "filter", "field", "value"}},
        {"latency", latency_of, {"stage", "percentile", "below", "filter"}},
        {"no-incident", no_incident_of, {"above", "except"}},
        {"conflict", conflict_of, {"filter", "outcome"}},
        {"order", order_of, {"first", "then", "same-resource"}},
    }};
    return all;
}

// What is said of one that has no name: its members as they stand.
std::string made_name(const rapidjson::Value& json) {
    std::string name;
    for (const auto& member : json.GetObject()) {
        const std::string_view key(member.name.GetString(), member.name.GetStringLength());
        if (key == "note") continue;
        std::string value = member.value.IsString() ? std::string(fhir::string_at(json, member.name.GetString()))
                                                    : fhir::to_text(member.value);
        if (key != "expect") value.insert(0, std::string(key) + " ");
        name += (name.empty() ? "" : ", ") + value;
    }
    return name;
}

Expectation expectation_of(MemberReader& read, const rapidjson::Value& json) {
    Expectation one;
    const std::string kind = read.text("expect");
    const auto shape =
        std::find_if(shapes().begin(), shapes().end(), [&](const Shape& candidate) { return candidate.name == kind; });
    if (shape == shapes().end()) {
        Names names;
        for (const Shape& candidate : shapes()) names.emplace_back(candidate.name);
        read.wrong("\"expect\" must be one of " + listed(names), "expect");
        return one;
    }
    read.allow(kind, shape->members);
    one.name = read.text("name");
    if (one.name.empty()) one.name = made_name(json);
    read.text("note");
    one.from = read.moment("from");
    one.to = read.moment("to");
    one.expected = shape->read(read);
    return one;
}

} // namespace

Result<ExpectFile> parse_expectations(std::string_view json, const std::string& path) {
    const auto wrong = [&](std::size_t offset, const std::string& reason) {
        return fail(ErrorCode::Expectation, fhir::at_line(path, json, offset) + ": " + reason, offset);
    };
    const auto parsed = fhir::parse_json(json);
    if (!parsed) return wrong(parsed.error().offset, parsed.error().message);
    const fhir::Slice whole = fhir::value_in(json);
    MemberReader top(*parsed, whole);
    top.allow("a file of expectations", {"$schema", "note", "expectations"});
    top.text("$schema");
    top.text("note");
    if (!top.problem().empty()) return wrong(fhir::offset_of(json, top.where().text()), top.problem());
    const auto list = parsed->FindMember("expectations");
    if (list == parsed->MemberEnd() || !list->value.IsArray() || list->value.Empty())
        return wrong(fhir::offset_of(json, whole.member("expectations").text()),
                     "needs \"expectations\", a list with at least one");
    if (list->value.Size() > most_expectations) return wrong(0, "has more than 1000 expectations");
    ExpectFile file{path, {}};
    const std::vector<fhir::Slice> places = fhir::elements_of(whole.member("expectations"));
    for (rapidjson::SizeType i = 0; i < list->value.Size(); ++i) {
        MemberReader read(list->value[i], places.at(i));
        Expectation one;
        if (read.problem().empty()) one = expectation_of(read, list->value[i]);
        if (!read.problem().empty())
            return wrong(fhir::offset_of(json, read.where().text()),
                         "expectation " + std::to_string(i + 1) + ": " + read.problem());
        file.expectations.push_back(std::move(one));
    }
    return file;
}

Result<ExpectFile> read_expectations(const std::string& path) {
    const auto text = files::read_whole(path, largest_file);
    if (!text) return tl::unexpected(text.error());
    return parse_expectations(*text, path);
}

Expectation no_incident_of(engine::Severity least) {
    NoIncident none;
    none.any = least == engine::Severity::Info;
    if (least == engine::Severity::Error) none.above = engine::Severity::Attention;
    return {"no incident of severity " + std::string(diagnosis::word(least)) + " or more", "", "", none};
}

} // namespace fhirscope::checks
