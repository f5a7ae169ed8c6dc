#pragma once
// What can be caused on purpose in a demo, and who does it: the words are here, because the palette, the keys and the
// panel show them; the deeds are the program's (src/app/demo_director).

#include "gui/model/values.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

enum class Cause : std::uint8_t {
    Outage,
    Restart,
    Silence,
    Revoke,
    Expire,
    Throttle,
    Slow,
    Late,
    Storm,
    Duplicate,
    Overtaking,
    Malformed,
    Clock,
    Deafness,
    Lost,
    Deletion,
    Merge,
    Ask,
    Version,
    Refused,
    Deleted,
    Undeleted,
    Tie,
    Drift,
    Count
};
constexpr std::size_t cause_count = static_cast<std::size_t>(Cause::Count);

struct CauseText {
    std::string_view id;      // "cause-outage", of the command table
    std::string_view group;   // heading in the panel
    std::string_view title;   // the command: a verb with its object
    std::string_view happens; // what is caused, in a sentence for an audience
    std::string_view watch;   // what to look at, and where
    std::string_view key;     // Alt with a letter or a digit: "Alt O"
};
const CauseText& text_of(Cause cause);

// What runs and what is said, at one moment.
struct DemoStatus {
    struct Running {
        std::uint64_t number = 0; // for stop()
        std::string title;
        std::optional<std::chrono::milliseconds> left; // nothing: until its last step is done
        std::string reference;                         // what it is done to; "" for everything
        std::string waits_for{};                       // title of another that has to end before it begins; "": none
    };
    struct Playing { // a scenario, step by step
        std::string title;
        std::size_t step = 0, steps = 0; // steps done, and all
        std::chrono::milliseconds position{0}, length{0};
        bool paused = false;
        std::string waits_for{}; // as Running's
    };
    struct Caption {
        std::uint64_t number = 0; // another one is another caption
        std::string text;
        std::optional<ViewId> view; // to be shown with it
        std::string reference;      // to be selected with it
    };
    std::vector<Running> running;
    std::optional<Playing> playing;
    std::optional<Caption> caption;
    std::string said;                   // the newest sentence about what ended or could not be done
    bool failed = false;                // that sentence is about a failure
    std::vector<std::string> scenarios; // names that play() knows
};

// Thread safety: called by the window's thread; nothing here waits for anything.
class DemoControl {
public:
    DemoControl() = default;
    DemoControl(const DemoControl&) = delete;
    DemoControl& operator=(const DemoControl&) = delete;
    virtual ~DemoControl() = default;

    virtual DemoStatus status() const = 0;
    virtual void cause(Cause cause) = 0;
    virtual void stop(std::uint64_t number) = 0; // one that runs; what it broke is put right
    virtual void play(std::string_view scenario) = 0;
    virtual void pause(bool paused) = 0;
    virtual void next() = 0; // to the next caption
    virtual void stop_playing() = 0;
};

} // namespace fhirscope::gui
