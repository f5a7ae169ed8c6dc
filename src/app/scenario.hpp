#pragma once
// A script of what several people do to the same resources and of what goes wrong meanwhile, with captions: for demos
// and pictures (assets/scenarios/*.json).

#include "app/faults.hpp"
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
    Repeat,  // the next `count` notifications of the resource come twice
    Frame,   // `text` to every socket, as it is
    Revoke,  // the login ends: every token is worthless
    Expire,  // the binding tokens end
    Begin,   // `fault` for `time`, with `amount`; in JSON each fault is a "do" of its own
    End,     // `fault`
    Await,   // `what`
    Say,     // `text` for `time`, with `view` and the resource, where they are given
};
std::string_view to_string(Fault fault); // "slow-answers"

// What a scenario waits for before it goes on: the counters rise after the Await before, or the beginning.
enum class Awaited : std::uint8_t {
    Live,      // all is live and at rest
    Down,      // the connection is not live
    Deaf,      // a subscription was found deaf
    Missed,    // a version that the socket never brought was found
    Duplicate, // came
    Overtaken, // a version came after a newer one
    BadFrame,
    ClockSet,  // the server's clock was seen to be set back
    Different, // what is shown was found not to be what the server has
};

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
    Fault fault{};
    double amount = 0;
    std::chrono::milliseconds time{0};
    Awaited what{};
    std::string view; // "log"
};

struct Scenario {
    std::string title;
    std::map<std::string, std::string> resources; // JSON, by reference; there from the start
    std::vector<ScenarioStep> steps;              // in the order of their times
    // Until the last caption and fault is over, where nothing has to be waited for.
    std::chrono::milliseconds length() const;
};

// Errors: Scenario with file, line, column, step (from 1), member and reason.
Result<Scenario> parse_scenario(std::string_view json, std::string_view file_name);
// Of a name ("conflicts": a built-in one) or a path (with a slash, or ending with .json). Errors: as above; one that
// cannot be read names those that there are.
Result<Scenario> load_scenario(const std::string& name);
std::vector<std::string> scenario_names(); // the built-in ones

} // namespace fhirscope::app
