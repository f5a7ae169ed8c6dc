#include "app/scenario.hpp"

#include "app/panels.hpp"
#include "fhir/json.hpp"
#include "fhir/slice.hpp"
#include "files/regular_file.hpp"
#include "gui/window/window.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>

namespace fhirscope::app {

namespace {

using rapidjson::Value;

constexpr std::uint64_t largest_scenario = 4u << 20; // the tour has 10 KB

// What each deed takes beside "at" and "do". A fault is a deed by its own name.
struct DeedShape {
    Deed deed{};
    std::string_view name;
    std::vector<std::string_view> needed, allowed;
    Fault fault{};
    std::string_view amount{}; // name of its number
    double least = 0, most = 0;
};

const std::vector<DeedShape>& shapes() {
    static const std::vector<DeedShape> all{
        {Deed::LocalEdit, "local-edit", {"resource", "path", "value"}, {"method"}},
        {Deed::ServerEdit, "server-edit", {"resource", "member", "value"}, {}},
        {Deed::Tie, "tie", {"resource", "member", "value"}, {}},
        {Deed::Delete, "delete", {"resource"}, {}},
        {Deed::Undelete, "undelete", {"resource"}, {"member", "value"}},
        {Deed::Hold, "hold", {"resource"}, {"count"}},
        {Deed::Release, "release", {}, {}},
        {Deed::Lose, "lose", {"resource"}, {"count"}},
        {Deed::Compare, "compare", {}, {}},
        {Deed::Refuse, "refuse", {"status"}, {"count", "text"}},
        {Deed::Resolve, "resolve", {"resource", "action"}, {"choices"}},
        {Deed::Repeat, "repeat", {"resource"}, {"count"}},
        {Deed::Frame, "frame", {"text"}, {}},
        {Deed::Revoke, "revoke", {}, {}},
        {Deed::Expire, "expire-bindings", {}, {}},
        {Deed::Begin, "outage", {"for"}, {}, Fault::Outage},
        {Deed::Begin, "restart", {"for"}, {}, Fault::Restart},
        {Deed::Begin, "silence", {"for"}, {}, Fault::Silence},
        {Deed::Begin, "deafness", {"for"}, {}, Fault::Deafness},
        {Deed::Begin, "slow-answers", {"for", "by"}, {}, Fault::SlowAnswers, "by", 0.01, 60},
        {Deed::Begin, "late-events", {"for", "by"}, {}, Fault::LateEvents, "by", 0.01, 60},
        {Deed::Begin, "throttle", {"for"}, {}, Fault::Throttling},
        {Deed::Begin, "pace", {"for", "rate"}, {}, Fault::Pace, "rate", 0, 100'000},
        {Deed::Begin, "clock-skew", {"for", "by"}, {}, Fault::ClockSkew, "by", -86'400, 86'400},
        {Deed::End, "end", {"fault"}, {}},
        {Deed::Await, "await", {"what"}, {}},
        {Deed::Say, "say", {"text", "for"}, {"view", "resource"}},
    };
    return all;
}

using engine::Resolve;
constexpr std::array<std::pair<std::string_view, Resolve::Action>, 4> actions{
    {{"merge", Resolve::Action::Merge},
     {"take-server", Resolve::Action::TakeServer},
     {"keep-local", Resolve::Action::KeepLocal},
     {"roll-back", Resolve::Action::RollBack}}};
constexpr std::array<std::pair<std::string_view, fhir::Side>, 4> sides{{{"base", fhir::Side::Base},
                                                                        {"local", fhir::Side::Local},
                                                                        {"server", fhir::Side::Server},
                                                                        {"both", fhir::Side::Both}}};
constexpr std::array<std::pair<std::string_view, Awaited>, 9> awaited{{{"live", Awaited::Live},
                                                                       {"down", Awaited::Down},
                                                                       {"deaf", Awaited::Deaf},
                                                                       {"missed", Awaited::Missed},
                                                                       {"duplicate", Awaited::Duplicate},
                                                                       {"out-of-order", Awaited::Overtaken},
                                                                       {"bad-frame", Awaited::BadFrame},
                                                                       {"clock-set", Awaited::ClockSet},
                                                                       {"different", Awaited::Different}}};
constexpr std::array<std::pair<std::string_view, engine::EditMethod>, 2> methods{
    {{"put", engine::EditMethod::Put}, {"patch", engine::EditMethod::Patch}}};

template <class T, std::size_t N>
std::optional<T> named(const std::array<std::pair<std::string_view, T>, N>& all, std::string_view name) {
    for (const auto& [known, value] : all)
        if (known == name) return value;
    return std::nullopt;
}

template <class Range>
std::string listed(const Range& range) {
    std::string text;
    for (const auto& one : range) {
        text += text.empty() ? "" : ", ";
        if constexpr (requires { one.name; })
            text += one.name;
        else
            text += one.first;
    }
    return text;
}

std::string figure(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

// "tour.json:12:5: " of a position in its text; lines and columns from 1.
std::string place(std::string_view file, std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t begin = before.rfind('\n') + 1; // npos + 1 is 0
    return std::string(file) + ":" + std::to_string(line) + ":" + std::to_string(before.size() - begin + 1) + ": ";
}

std::size_t offset_of(std::string_view text, fhir::Slice part) {
    return part.exists() ? static_cast<std::size_t>(part.text().data() - text.data()) : 0;
}

// Reads one step; the first thing that is wrong stays in `problem`.
class StepReader {
public:
    StepReader(const Value& json, const std::map<std::string, std::string>& names) : json_(json), names_(names) {}

    ScenarioStep read() {
        ScenarioStep step;
        if (!json_.IsObject()) return wrong("must be an object"), step;
        const auto found = std::find_if(shapes().begin(), shapes().end(), [&](const DeedShape& shape) {
            return shape.name == fhir::string_at(json_, "do");
        });
        if (found == shapes().end()) return wrong("\"do\" must be one of " + listed(shapes()), "do"), step;
        step.deed = found->deed;
        step.fault = found->fault;
        check_members(*found);
        const double at = number("at", 0, 86'400, -1);
        step.at = std::chrono::milliseconds(static_cast<std::int64_t>(at * 1000));
        if (json_.HasMember("resource")) step.resource = resource();
        step.path = string("path");
        step.member = string("member");
        step.text = string(step.deed == Deed::LocalEdit ? "value" : "text");
        if (step.deed != Deed::LocalEdit && json_.HasMember("value")) step.json = fhir::to_text(json_["value"]);
        step.method = choice("method", methods, step.method);
        step.action = choice("action", actions, step.action);
        step.time = std::chrono::milliseconds(static_cast<std::int64_t>(number("for", 0.1, 86'400, 0) * 1000));
        if (!found->amount.empty()) step.amount = number(found->amount.data(), found->least, found->most, 0);
        if (step.deed == Deed::End) step.fault = fault();
        if (step.deed == Deed::Await) step.what = choice("what", awaited, step.what);
        step.view = string("view");
        if (!step.view.empty() && !gui::view_by_name(step.view))
            wrong("there is no view \"" + step.view + "\"", "view");
        const bool can_end = step.deed == Deed::Refuse; // with 0: from now on writes are taken again
        step.count = static_cast<unsigned>(number("count", can_end ? 0 : 1, 1000, 1));
        step.status = static_cast<int>(number("status", 400, 599, 403));
        if (json_.HasMember("choices")) read_choices(step);
        return step;
    }
    std::string problem;
    std::string about; // the member that it is of; "" for the step

private:
    void wrong(std::string text, std::string_view member_name = {}) {
        if (!problem.empty()) return;
        problem = std::move(text);
        about = member_name;
    }
    void check_members(const DeedShape& shape) {
        const auto among = [](const std::vector<std::string_view>& all, std::string_view one) {
            return std::find(all.begin(), all.end(), one) != all.end();
        };
        for (const std::string_view name : shape.needed)
            if (!json_.HasMember(std::string(name).c_str()))
                wrong("\"" + std::string(shape.name) + "\" needs \"" + std::string(name) + "\"");
        if (!json_.HasMember("at")) wrong("needs \"at\", seconds since the start");
        for (const auto& member : json_.GetObject()) {
            const std::string_view name(member.name.GetString(), member.name.GetStringLength());
            if (name != "at" && name != "do" && !among(shape.needed, name) && !among(shape.allowed, name))
                wrong("\"" + std::string(shape.name) + "\" takes no \"" + std::string(name) + "\"", name);
        }
    }
    double number(const char* name, double least, double most, double otherwise) {
        const auto member = json_.FindMember(name);
        if (member == json_.MemberEnd()) return otherwise;
        if (!member->value.IsNumber() || member->value.GetDouble() < least || member->value.GetDouble() > most)
            return wrong("\"" + std::string(name) + "\" must be a number from " + figure(least) + " to " + figure(most),
                         name),
                   otherwise;
        return member->value.GetDouble();
    }
    std::string string(const char* name) {
        const auto member = json_.FindMember(name);
        if (member == json_.MemberEnd()) return {};
        if (!member->value.IsString())
            return wrong(std::string("\"") + name + "\" must be a string", name), std::string();
        return {member->value.GetString(), member->value.GetStringLength()};
    }
    std::string resource() {
        const std::string name = string("resource");
        const auto found = names_.find(name);
        if (found == names_.end()) return wrong("there is no resource \"" + name + "\"", "resource"), std::string();
        return found->second;
    }
    Fault fault() {
        const std::string name = string("fault");
        std::string known;
        for (const DeedShape& shape : shapes()) {
            if (shape.deed != Deed::Begin) continue;
            if (shape.name == name) return shape.fault;
            known += (known.empty() ? "" : ", ") + std::string(shape.name);
        }
        return wrong("\"fault\" must be one of " + known, "fault"), Fault{};
    }
    template <class T, std::size_t N>
    T choice(const char* name, const std::array<std::pair<std::string_view, T>, N>& all, T otherwise) {
        if (!json_.HasMember(name)) return otherwise;
        if (const auto value = named(all, fhir::string_at(json_, name))) return *value;
        return wrong(std::string("\"") + name + "\" must be one of " + listed(all), name), otherwise;
    }
    void read_choices(ScenarioStep& step) {
        const Value& choices = json_["choices"];
        if (!choices.IsObject()) return wrong("\"choices\" must be an object: a side for each path", "choices");
        for (const auto& member : choices.GetObject()) {
            const auto side = member.value.IsString() ? named(sides, member.value.GetString()) : std::nullopt;
            if (!side) return wrong("a choice must be one of " + listed(sides), "choices");
            step.choices.emplace_back(member.name.GetString(), *side);
        }
    }

    const Value& json_;
    const std::map<std::string, std::string>& names_;
};

} // namespace

std::string_view to_string(Deed deed) {
    for (const DeedShape& shape : shapes())
        if (shape.deed == deed) return deed == Deed::Begin ? "a fault" : shape.name;
    return {};
}

std::string_view to_string(Fault fault) {
    for (const DeedShape& shape : shapes())
        if (shape.deed == Deed::Begin && shape.fault == fault) return shape.name;
    return {};
}

std::chrono::milliseconds Scenario::length() const {
    std::chrono::milliseconds end{0};
    for (const ScenarioStep& step : steps) end = std::max(end, step.at + step.time);
    return end;
}

Result<Scenario> parse_scenario(std::string_view json, std::string_view file) {
    const auto parsed = fhir::parse_json(json);
    const auto wrong = [&](fhir::Slice where, const std::string& reason) {
        return fail(ErrorCode::Scenario, place(file, json, offset_of(json, where)) + reason, offset_of(json, where));
    };
    if (!parsed) {
        const std::size_t at = parsed.error().offset;
        return fail(ErrorCode::Scenario, place(file, json, at) + parsed.error().message, at);
    }
    const fhir::Slice whole = fhir::value_in(json);
    if (!parsed->IsObject()) return wrong(whole, "must be an object");
    const auto resources = parsed->FindMember("resources"), steps = parsed->FindMember("steps");
    if (resources == parsed->MemberEnd() || !resources->value.IsObject())
        return wrong(whole.member("resources"), "needs \"resources\", an object of resources by name");
    if (steps == parsed->MemberEnd() || !steps->value.IsArray())
        return wrong(whole.member("steps"), "needs \"steps\", an array");
    Scenario scenario;
    scenario.title = fhir::string_at(*parsed, "title");
    std::map<std::string, std::string> names;
    for (const auto& member : resources->value.GetObject()) {
        const std::string name = member.name.GetString();
        const fhir::Slice where = whole.member("resources").member(name);
        const std::string type(fhir::string_at(member.value, "resourceType")), id(fhir::string_at(member.value, "id"));
        if (type.empty() || id.empty())
            return wrong(where, "resource \"" + name + "\" needs \"resourceType\" and \"id\"");
        names[name] = type + "/" + id;
        if (!scenario.resources.try_emplace(names[name], fhir::to_text(member.value)).second)
            return wrong(where, "resource \"" + name + "\" is there twice");
    }
    const std::vector<fhir::Slice> places = fhir::elements_of(whole.member("steps"));
    for (const Value& step : steps->value.GetArray()) {
        StepReader reader(step, names);
        ScenarioStep read = reader.read();
        if (reader.problem.empty() && !scenario.steps.empty() && read.at < scenario.steps.back().at)
            reader.problem = "comes before the step before it";
        if (!reader.problem.empty()) {
            const std::size_t number = scenario.steps.size();
            const fhir::Slice here = number < places.size() ? places[number] : fhir::Slice();
            const fhir::Slice member = reader.about.empty() ? fhir::Slice() : here.member(reader.about);
            return wrong(member.exists() ? member : here, "step " + std::to_string(number + 1) + ": " + reader.problem);
        }
        scenario.steps.push_back(std::move(read));
    }
    if (scenario.steps.empty()) return wrong(whole.member("steps"), "has no steps");
    return scenario;
}

std::vector<std::string> scenario_names() {
    std::vector<std::string> known;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(assets_folder() / "scenarios", none))
        if (entry.path().extension() == ".json") known.push_back(entry.path().stem().string());
    std::sort(known.begin(), known.end());
    return known;
}

Result<Scenario> load_scenario(const std::string& name) {
    namespace fs = std::filesystem;
    const fs::path folder = assets_folder() / "scenarios";
    const bool is_path = name.find('/') != name.npos || name.ends_with(".json");
    const fs::path file = is_path ? fs::path(name) : folder / (name + ".json");
    const auto text = files::read_whole(file, largest_scenario);
    if (text) return parse_scenario(*text, file.string());
    std::string list;
    for (const std::string& one : scenario_names()) list += (list.empty() ? "" : ", ") + one;
    return fail(ErrorCode::Scenario,
                text.error().message + " Built-in scenarios: " + (list.empty() ? "none" : list) + ".");
}

} // namespace fhirscope::app
