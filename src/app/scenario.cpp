#include "app/scenario.hpp"

#include "app/panels.hpp"
#include "fhir/json.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <sstream>
#include <utility>

namespace fhirscope::app {

namespace {

using rapidjson::Value;

// What each deed takes beside "at" and "do".
struct DeedShape {
    std::string_view name;
    std::vector<std::string_view> needed, allowed;
};

const std::array<DeedShape, deeds>& shapes() {
    static const std::array<DeedShape, deeds> all{{
        {"local-edit", {"resource", "path", "value"}, {"method"}},
        {"server-edit", {"resource", "member", "value"}, {}},
        {"tie", {"resource", "member", "value"}, {}},
        {"delete", {"resource"}, {}},
        {"undelete", {"resource"}, {"member", "value"}},
        {"hold", {"resource"}, {"count"}},
        {"release", {}, {}},
        {"lose", {"resource"}, {"count"}},
        {"compare", {}, {}},
        {"refuse", {"status"}, {"count", "text"}},
        {"resolve", {"resource", "action"}, {"choices"}},
    }};
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
        if (found == shapes().end()) return wrong("\"do\" must be one of " + listed(shapes())), step;
        step.deed = static_cast<Deed>(found - shapes().begin());
        check_members(*found);
        const double at = number("at", 0, 86'400, -1);
        step.at = std::chrono::milliseconds(static_cast<std::int64_t>(at * 1000));
        if (json_.HasMember("resource")) step.resource = resource();
        step.path = string("path");
        step.member = string("member");
        if (step.deed == Deed::LocalEdit || step.deed == Deed::Refuse)
            step.text = string(step.deed == Deed::LocalEdit ? "value" : "text");
        else if (json_.HasMember("value"))
            step.json = fhir::to_text(json_["value"]);
        step.method = choice("method", methods, step.method);
        step.action = choice("action", actions, step.action);
        step.count = static_cast<unsigned>(number("count", 1, 1000, 1));
        step.status = static_cast<int>(number("status", 400, 599, 403));
        if (json_.HasMember("choices")) read_choices(step);
        return step;
    }
    std::string problem;

private:
    void wrong(std::string text) {
        if (problem.empty()) problem = std::move(text);
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
                wrong("\"" + std::string(shape.name) + "\" takes no \"" + std::string(name) + "\"");
        }
    }
    double number(const char* name, double least, double most, double otherwise) {
        const auto member = json_.FindMember(name);
        if (member == json_.MemberEnd()) return otherwise;
        if (!member->value.IsNumber() || member->value.GetDouble() < least || member->value.GetDouble() > most)
            return wrong(std::string("\"") + name + "\" must be a number from " +
                         std::to_string(static_cast<int>(least)) + " to " + std::to_string(static_cast<int>(most))),
                   otherwise;
        return member->value.GetDouble();
    }
    std::string string(const char* name) {
        const auto member = json_.FindMember(name);
        if (member == json_.MemberEnd()) return {};
        if (!member->value.IsString()) return wrong(std::string("\"") + name + "\" must be a string"), std::string();
        return {member->value.GetString(), member->value.GetStringLength()};
    }
    std::string resource() {
        const std::string name = string("resource");
        const auto found = names_.find(name);
        if (found == names_.end()) return wrong("there is no resource \"" + name + "\""), std::string();
        return found->second;
    }
    template <class T, std::size_t N>
    T choice(const char* name, const std::array<std::pair<std::string_view, T>, N>& all, T otherwise) {
        if (!json_.HasMember(name)) return otherwise;
        if (const auto value = named(all, fhir::string_at(json_, name))) return *value;
        return wrong(std::string("\"") + name + "\" must be one of " + listed(all)), otherwise;
    }
    void read_choices(ScenarioStep& step) {
        const Value& choices = json_["choices"];
        if (!choices.IsObject()) return wrong("\"choices\" must be an object: a side for each path");
        for (const auto& member : choices.GetObject()) {
            const auto side = member.value.IsString() ? named(sides, member.value.GetString()) : std::nullopt;
            if (!side) return wrong("a choice must be one of " + listed(sides));
            step.choices.emplace_back(member.name.GetString(), *side);
        }
    }

    const Value& json_;
    const std::map<std::string, std::string>& names_;
};

} // namespace

std::string_view to_string(Deed deed) { return shapes()[static_cast<std::size_t>(deed)].name; }

Result<Scenario> parse_scenario(std::string_view json, std::string_view file_name) {
    const std::string file(file_name);
    const auto parsed = fhir::parse_json(json);
    if (!parsed) return fail("scenario", file + ": " + parsed.error().message);
    if (!parsed->IsObject()) return fail("scenario", file + ": must be an object");
    const auto resources = parsed->FindMember("resources"), steps = parsed->FindMember("steps");
    if (resources == parsed->MemberEnd() || !resources->value.IsObject())
        return fail("scenario", file + ": needs \"resources\", an object of resources by name");
    if (steps == parsed->MemberEnd() || !steps->value.IsArray())
        return fail("scenario", file + ": needs \"steps\", an array");
    Scenario scenario;
    scenario.title = fhir::string_at(*parsed, "title");
    std::map<std::string, std::string> names;
    for (const auto& member : resources->value.GetObject()) {
        const std::string name = member.name.GetString();
        const std::string type(fhir::string_at(member.value, "resourceType")), id(fhir::string_at(member.value, "id"));
        if (type.empty() || id.empty())
            return fail("scenario", file + ": resource \"" + name + "\" needs \"resourceType\" and \"id\"");
        names[name] = type + "/" + id;
        if (!scenario.resources.try_emplace(names[name], fhir::to_text(member.value)).second)
            return fail("scenario", file + ": resource \"" + name + "\" is there twice");
    }
    for (const Value& step : steps->value.GetArray()) {
        StepReader reader(step, names);
        ScenarioStep read = reader.read();
        if (reader.problem.empty() && !scenario.steps.empty() && read.at < scenario.steps.back().at)
            reader.problem = "comes before the step before it";
        if (!reader.problem.empty())
            return fail("scenario",
                        file + ": step " + std::to_string(scenario.steps.size() + 1) + ": " + reader.problem);
        scenario.steps.push_back(std::move(read));
    }
    if (scenario.steps.empty()) return fail("scenario", file + ": has no steps");
    return scenario;
}

Result<Scenario> load_scenario(const std::string& name) {
    namespace fs = std::filesystem;
    const fs::path folder = assets_folder() / "scenarios";
    const bool is_path = name.find('/') != name.npos || name.ends_with(".json");
    const fs::path file = is_path ? fs::path(name) : folder / (name + ".json");
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (in) return parse_scenario(text.str(), file.string());
    std::vector<std::string> known;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none))
        if (entry.path().extension() == ".json") known.push_back(entry.path().stem().string());
    std::sort(known.begin(), known.end());
    std::string list;
    for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
    return fail("scenario",
                file.string() + " cannot be read. Built-in scenarios: " + (list.empty() ? "none" : list) + ".");
}

} // namespace fhirscope::app
