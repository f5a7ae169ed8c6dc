#include "app/demo_director.hpp"

#include "app/causes.hpp"
#include "gui/window/window.hpp"

#include <algorithm>

namespace fhirscope::app {

DemoDirector::DemoDirector(server::EmbeddedServer& server, server::FaultProxy& network, Options options)
    : server_(server), faults_(server, network), options_(std::move(options)) {}

DemoDirector::~DemoDirector() { end(); }

void DemoDirector::begin(runtime::Runtime& client) {
    const Lock lock(mutex_);
    client_ = &client;
    if (!options_.first.empty()) begin_playing(options_.first);
}

void DemoDirector::end() {
    std::vector<Caused> caused;
    std::unique_ptr<ScenarioRunner> playing;
    bool first = false; // a person may have played others since
    {
        const Lock lock(mutex_);
        client_ = nullptr;
        caused = std::move(caused_);
        caused_.clear();
        playing = std::move(playing_);
        first = plays_ == 1 && !options_.first.empty();
    }
    // Outside the lock: their captions may be on the way to the window, which asks for the status.
    for (Caused& one : caused) one.runner->stop();
    if (playing) {
        playing->stop();
        if (first && !playing->cancelled()) problem_ = playing->problem();
    }
    faults_.end_all();
}

bool DemoDirector::over() const {
    const Lock lock(mutex_);
    return playing_ && playing_->status().over;
}

void DemoDirector::begin_playing(const std::string& name) {
    const auto found = options_.scenarios.find(name);
    if (client_ == nullptr || found == options_.scenarios.end()) return;
    ScenarioRunner::Options options{.speed = options_.speed};
    options.say = [this](const ScenarioStep& step) {
        if (options_.say) options_.say(step.text);
        if (options_.changed) options_.changed();
    };
    playing_.reset(); // the one before has ended
    playing_ = std::make_unique<ScenarioRunner>(found->second, server_, faults_, *client_, std::move(options));
    ++plays_;
    said_.clear();
    failed_ = false;
}

// What has come to its end is not shown any more; its thread is over, so that joining it takes no time.
void DemoDirector::forget_ended() const {
    std::erase_if(
        caused_,
        [&](const Caused& one) FHIRSCOPE_REQUIRES(mutex_) {
            const ScenarioRunner::Status status = one.runner->status();
            if (!status.over || status.fault_left) return false; // not even while it is being put right
            failed_ = !status.problem.empty() && !one.runner->cancelled();
            said_ = failed_ ? one.title + ": " + status.problem : one.title + ": done";
            return true;
        });
}

gui::DemoStatus DemoDirector::status() const {
    const Lock lock(mutex_);
    gui::DemoStatus status;
    forget_ended();
    const ScenarioRunner::Status played = playing_ ? playing_->status() : ScenarioRunner::Status{};
    std::string cut_off_by = played.cuts_off ? playing_->scenario().title : "";
    for (const Caused& one : caused_)
        if (one.runner->status().cuts_off) cut_off_by = one.title;
    for (const Caused& one : caused_) {
        const ScenarioRunner::Status now = one.runner->status();
        gui::DemoStatus::Running running{one.number, one.title, std::nullopt, {}};
        if (now.waits) running.waits_for = cut_off_by;
        running.left = now.fault_left;
        const auto& resources = one.runner->scenario().resources;
        if (!resources.empty()) running.reference = resources.begin()->first;
        status.running.push_back(std::move(running));
    }
    if (playing_) {
        const Scenario& scenario = playing_->scenario();
        if (!played.over) {
            status.playing = {scenario.title,
                              played.step,
                              scenario.steps.size(),
                              std::min(played.position, scenario.length()),
                              scenario.length(),
                              played.paused,
                              played.waits ? cut_off_by : std::string()};
        } else if (!played.problem.empty() && !playing_->cancelled()) {
            status.said = played.problem;
            status.failed = true;
        }
        if (played.caption) {
            const ScenarioStep& step = scenario.steps[*played.caption];
            status.caption = {plays_ * 10'000 + *played.caption + 1, step.text, gui::view_by_name(step.view),
                              step.resource};
        }
    }
    if (status.said.empty()) {
        status.said = said_;
        status.failed = failed_;
    }
    for (const auto& [name, scenario] : options_.scenarios) status.scenarios.push_back(name);
    return status;
}

void DemoDirector::cause(gui::Cause cause) {
    const Lock lock(mutex_);
    if (client_ == nullptr) return;
    forget_ended();
    const std::uint64_t number = ++runs_;
    caused_.push_back({number, std::string(gui::text_of(cause).title),
                       std::make_unique<ScenarioRunner>(scenario_of(cause, number), server_, faults_, *client_,
                                                        ScenarioRunner::Options{})});
}

void DemoDirector::stop(std::uint64_t number) {
    const Lock lock(mutex_);
    for (const Caused& one : caused_)
        if (one.number == number) one.runner->cancel();
}

void DemoDirector::play(std::string_view scenario) {
    const Lock lock(mutex_);
    if (playing_ && !playing_->status().over) return; // one at a time: it is stopped first
    begin_playing(std::string(scenario));
}

void DemoDirector::pause(bool paused) {
    const Lock lock(mutex_);
    if (playing_) playing_->pause(paused);
}

void DemoDirector::next() {
    const Lock lock(mutex_);
    if (playing_) playing_->next();
}

void DemoDirector::stop_playing() {
    const Lock lock(mutex_);
    if (playing_) playing_->cancel();
}

} // namespace fhirscope::app
