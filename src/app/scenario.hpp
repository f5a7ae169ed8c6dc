#pragma once
// A script of what several people do to the same resources, for demos and pictures (assets/scenarios/*.json).

#include "engine/command.hpp"
#include "fhir/result.hpp"

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::app {

enum class Deed : std::uint8_t {
    LocalEdit,  // the client's user: path, text ("" removes), method
    ServerEdit, // another user: member, json
    Tie,        // the same, in the millisecond of the version before
    Delete,     // another user
    Undelete,   // another user writes it again as it was at the start, with member and json
    Hold,       // the next `count` notifications of the resource wait for Release
    Release,
    Lose,    // the next `count` notifications of the resource never come
    Compare, // the client with the server
    Refuse,  // the next `count` writes of the client get `status` and `text`
    Resolve, // the resource's newest conflict: action, choices
};
constexpr std::size_t deeds = 11;
std::string_view to_string(Deed deed); // "local-edit"

struct ScenarioStep {
    std::chrono::milliseconds at{0}; // since the start, at the earliest: what a step needs is waited for
    Deed deed{};
    std::string resource;     // reference
    std::string path, text;   // LocalEdit; text also of Refuse
    std::string member, json; // of other users' writes; "" for none
    engine::EditMethod method = engine::EditMethod::Put;
    engine::Resolve::Action action = engine::Resolve::Action::Merge;
    std::vector<std::pair<std::string, fhir::Side>> choices; // by path
    unsigned count = 1;
    int status = 403;
};

struct Scenario {
    std::string title;
    std::map<std::string, std::string> resources; // JSON, by reference; there from the start
    std::vector<ScenarioStep> steps;              // in the order of their times
    std::chrono::milliseconds length() const { return steps.empty() ? std::chrono::milliseconds(0) : steps.back().at; }
};

// Errors: "scenario" with file, step (from 1), member and reason.
Result<Scenario> parse_scenario(std::string_view json, std::string_view file_name);
// Of a name ("conflicts": a built-in one) or a path (with a slash, or ending with .json). Errors: as above; one that
// cannot be read names those that there are.
Result<Scenario> load_scenario(const std::string& name);

} // namespace fhirscope::app
