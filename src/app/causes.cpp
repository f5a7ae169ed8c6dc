#include "app/causes.hpp"

#include "fhir/json_writer.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fhirscope::app {

namespace {

struct Script {
    std::string_view task;  // what the Task asks for; "": there is none
    std::string_view steps; // in which the Task is called "task"
};

// In the order of gui::Cause. A write that is to meet another's is refused until that is there, since the client sends
// it again every second.
constexpr std::array<Script, gui::cause_count> scripts{{
    {"", R"([{"at":0,"do":"outage","for":10}])"},
    {"", R"([{"at":0,"do":"restart","for":3}])"},
    {"", R"([{"at":0,"do":"silence","for":30}])"},
    {"", R"([{"at":0,"do":"revoke"}])"},
    {"Review the blood pressure diary",
     R"([{"at":0,"do":"lose","resource":"task"},{"at":0,"do":"expire-bindings"},
        {"at":0.2,"do":"server-edit","resource":"task","member":"status","value":"completed"}])"},
    {"Repeat the potassium test", R"([{"at":0.2,"do":"throttle","for":8},
        {"at":0.6,"do":"local-edit","resource":"task","path":"priority","value":"urgent"}])"},
    {"Renew the prescription", R"([{"at":0.2,"do":"slow-answers","for":15,"by":2},
        {"at":0.6,"do":"local-edit","resource":"task","path":"status","value":"completed"}])"},
    {"", R"([{"at":0,"do":"late-events","for":15,"by":1.5}])"},
    {"", R"([{"at":0,"do":"pace","for":10,"rate":300}])"},
    {"Call back about the test result", R"([{"at":0,"do":"repeat","resource":"task"},
        {"at":0.2,"do":"server-edit","resource":"task","member":"status","value":"accepted"}])"},
    {"Remove the telemetry electrodes", R"([{"at":0,"do":"hold","resource":"task"},
        {"at":0.1,"do":"server-edit","resource":"task","member":"status","value":"on-hold"},
        {"at":0.4,"do":"server-edit","resource":"task","member":"status","value":"completed"},
        {"at":0.8,"do":"release"}])"},
    {"", R"([{"at":0,"do":"frame","text":"{\"resourceType\":\"Bundle\",\"type\":\"history\",\"entry\":[{\"res"}])"},
    {"", R"([{"at":0,"do":"clock-skew","for":10,"by":30}])"},
    {"Check the INR before the evening dose", R"([{"at":0,"do":"hold","resource":"task"},{"at":0.2,"do":"release"},
        {"at":0.3,"do":"deafness","for":30},
        {"at":1,"do":"server-edit","resource":"task","member":"status","value":"completed"}])"},
    {"Call the pharmacy about the anticoagulant", R"([{"at":0,"do":"lose","resource":"task"},
        {"at":0.2,"do":"server-edit","resource":"task","member":"status","value":"accepted"}])"},
    {"Book the echocardiogram",
     R"([{"at":0,"do":"lose","resource":"task"},{"at":0.2,"do":"delete","resource":"task"}])"},
    {"Check the INR after the dose change", R"([{"at":0.2,"do":"refuse","status":503,"count":5},
        {"at":0.2,"do":"local-edit","resource":"task","path":"priority","value":"stat"},
        {"at":0.2,"do":"server-edit","resource":"task","member":"owner","value":{"display":"Nurse Tomas Berg"}},
        {"at":0.2,"do":"refuse","status":503,"count":0}])"},
    {"Plan discharge with the family", R"([{"at":0.2,"do":"refuse","status":503,"count":5},
        {"at":0.2,"do":"local-edit","resource":"task","path":"description","value":"Plan discharge for Friday with the family"},
        {"at":0.2,"do":"server-edit","resource":"task","member":"description","value":"Plan discharge with the family and the home care team"},
        {"at":0.2,"do":"refuse","status":503,"count":0}])"},
    {"Repeat the ECG after the dose change", R"([{"at":0.2,"do":"refuse","status":409,"count":5},
        {"at":0.2,"do":"local-edit","resource":"task","path":"status","value":"completed"},
        {"at":0.2,"do":"server-edit","resource":"task","member":"status","value":"on-hold"},
        {"at":0.2,"do":"refuse","status":409,"count":0}])"},
    {"Sign the consent form",
     R"([{"at":0.2,"do":"refuse","status":422,"text":"A Task can be completed only by its owner"},
        {"at":0.2,"do":"local-edit","resource":"task","path":"status","value":"completed"}])"},
    {"Order a walking aid", R"([{"at":0.2,"do":"refuse","status":409,"count":5},
        {"at":0.2,"do":"local-edit","resource":"task","path":"priority","value":"urgent","method":"patch"},
        {"at":0.2,"do":"delete","resource":"task"},
        {"at":0.2,"do":"refuse","status":409,"count":0}])"},
    {"Order compression stockings", R"([{"at":0.2,"do":"delete","resource":"task"},
        {"at":1,"do":"undelete","resource":"task","member":"priority","value":"urgent"}])"},
    {"Weigh before breakfast",
     R"([{"at":0.2,"do":"server-edit","resource":"task","member":"priority","value":"urgent"},
        {"at":0.2,"do":"tie","resource":"task","member":"priority","value":"asap"}])"},
    {"Arrange transport home", R"([{"at":0,"do":"lose","resource":"task"},
        {"at":0.2,"do":"server-edit","resource":"task","member":"status","value":"accepted"},
        {"at":0.3,"do":"compare"}])"},
}};

} // namespace

Scenario scenario_of(gui::Cause cause, std::uint64_t run) {
    const Script& script = scripts[static_cast<std::size_t>(cause)];
    fhir::JsonWriter json;
    json.object().member("title", gui::text_of(cause).title).object("resources");
    if (!script.task.empty()) {
        json.object("task")
            .member("resourceType", "Task")
            .member("id", fmt::format("5ce7a210-0000-4000-9000-{:012x}", run))
            .member("status", "in-progress")
            .member("intent", "order")
            .member("priority", "routine")
            .member("description", script.task);
        json.object("owner").member("display", "Dr. Mira Lindqvist").end().end();
    }
    json.end().raw("steps", script.steps).end();
    auto scenario = parse_scenario(json.take(), gui::text_of(cause).id);
    if (!scenario) throw std::logic_error(scenario.error().message); // ours: a test reads them all
    return std::move(*scenario);
}

} // namespace fhirscope::app
