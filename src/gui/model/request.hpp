#pragma once
// What the window asks of the program beside commands to the engine: open something, close it.

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace fhirscope::gui {

// How the program logs in. Secrets come from where the user said and go nowhere else.
enum class Login { None, Environment, Typed, Profile };

// A Subscription to make.
struct CriteriaRow {
    bool on = true;
    std::string type; // "" for one that was added by hand: the criteria say it
    std::string criteria;
    bool operator==(const CriteriaRow&) const = default;
};

// What was typed into a field that is not shown: one copy, overwritten when the last owner lets go of it.
using SecretText = std::shared_ptr<const std::string>;

struct OpenDemo {
    std::string name; // of DemoChoice
    std::uint64_t seed = 1;
};
struct OpenServer {
    std::string url;
    Login login = Login::None;
    std::string client_id;
    SecretText secret;   // with Login::Typed
    std::string profile; // with Login::Profile
    std::vector<CriteriaRow> criteria;
    bool record = false;
};
struct OpenRecording {
    std::string path;
};
struct CheckPath { // whether a recording can be opened: the answer is in StartInfo
    std::string path;
};
// Writes the session to a file from now on, or all of it that is kept, and what follows.
struct StartRecording {
    bool whole_session = false;
};
struct StopRecording {};
struct CloseSession {};  // back to the start page
struct CancelOpening {}; // what is being opened is not wanted any more
struct CloseWindow {};   // ends the program

using Request = std::variant<OpenDemo, OpenServer, OpenRecording, CheckPath, StartRecording, StopRecording,
                             CloseSession, CancelOpening, CloseWindow>;

} // namespace fhirscope::gui
