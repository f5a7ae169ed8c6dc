#include "writer.hpp"

#include "app/panels.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace fhirscope::edits {

namespace {

using namespace std::chrono_literals;

constexpr auto verify_patience = 60s;

} // namespace

runtime::RuntimeOptions Writer::options_for(const server::EmbeddedServer& server) {
    auto panels = app::load_panels({});
    if (!panels) throw std::runtime_error(panels.error().message);
    std::erase_if(*panels, [](const engine::PanelDefinition& panel) { return panel.type != "Task"; });
    runtime::RuntimeOptions options;
    options.connection.base_url = server.base_url();
    options.connection.client_id = server.client_id();
    options.connection.client_secret = runtime::make_secret(server.client_secret());
    options.engine = app::config_for(std::move(*panels));
    options.engine.conflict_rows = 1'000'000; // all are looked at in the end
    options.loop.on_input = [this](const engine::Input& input) {
        // Inputs are stamped when they come, and some overtake others on the way: the engine's time is the latest.
        latest_ = std::max(latest_, input.at);
        const auto* command = std::get_if<engine::Command>(&input.body);
        const auto* edit = command ? std::get_if<engine::Edit>(command) : nullptr;
        if (!edit) return;
        const std::lock_guard lock(mutex_);
        for (const fhir::FieldEdit& field : edit->fields)
            asked_.push_back({latest_, edit->reference, field.path, field.value});
    };
    return options;
}

Writer::Writer(std::string name, const server::EmbeddedServer& server, engine::EditMethod method, std::uint64_t seed)
    : name_(std::move(name)), method_(method), random_(seed), runtime_(options_for(server)) {
    if (auto started = runtime_.start(); !started) throw std::runtime_error(started.error().message);
    const auto is_live = [](const engine::Snapshot& s) {
        return s.connection.phase == engine::Phase::Live && s.queue_size == 0;
    };
    if (!runtime_.run_until(is_live, 60s)) throw std::runtime_error(name_ + " is not live within 60 s");
}

void Writer::edit(const std::string& reference) {
    const auto record = runtime_.snapshot()->find(reference);
    if (!record || !record->resource()) return; // nobody edits what is not shown
    static constexpr std::array paths = {"description", "description", "note[+].text", "businessStatus.text"};
    const std::string value = '"' + name_ + std::to_string(++values_) + '"';
    runtime_.send(engine::Edit{reference, {{paths[random_() % paths.size()], value}}, method_});
}

void Writer::decide(bool all) {
    const auto snapshot = runtime_.snapshot();
    for (std::size_t i = snapshot->conflicts.size(); i-- > 0;) {
        const engine::ConflictPtr& conflict = snapshot->conflicts[i];
        using Action = engine::Resolve::Action;
        if (!conflict->open() && !all && conflict->undo && random_() % 300 == 0 && i + 20 > snapshot->conflicts.size())
            runtime_.send(engine::Resolve{conflict->number, Action::RollBack, {}});
        if (!conflict->open() || (!all && random_() % 4 != 0)) continue;
        static constexpr std::array actions = {Action::Merge, Action::TakeServer, Action::KeepLocal, Action::RollBack};
        static constexpr std::array sides = {fhir::Side::Base, fhir::Side::Local, fhir::Side::Server};
        engine::Resolve resolve{conflict->number, actions[random_() % actions.size()], {}};
        if (resolve.action == Action::Merge)
            for (const fhir::MergeField& field : conflict->fields)
                if (field.overlap) resolve.choices.emplace_back(field.path, sides[random_() % sides.size()]);
        ++decided_;
        runtime_.send(std::move(resolve));
    }
}

void Writer::collect() {
    const auto snapshot = runtime_.snapshot();
    const auto& ended = snapshot->ended_edits;
    if (ended.first() > next_ended_) overlooked_ += ended.first() - next_ended_;
    for (next_ended_ = std::max(next_ended_, ended.first()); next_ended_ < ended.end(); ++next_ended_)
        ended_.push_back(ended[next_ended_]);
}

bool Writer::settled() const {
    const auto s = runtime_.snapshot();
    return s->connection.phase == engine::Phase::Live && s->edits.empty() && s->open_conflicts == 0 &&
           s->queue_size == 0 && s->requests_open == 0;
}

bool Writer::equal_to_server() {
    using State = engine::VerifyView::State;
    const LocalTime before = runtime_.snapshot()->verify.at;
    runtime_.send(engine::Verify{});
    return runtime_.run_until(
               [&](const engine::Snapshot& s) {
                   return s.verify.at != before && s.verify.state != State::None && s.verify.state != State::Running &&
                          !s.verify.scheduled;
               },
               verify_patience) &&
           runtime_.snapshot()->verify.state == State::Equal;
}

std::vector<Asked> Writer::asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
}

} // namespace fhirscope::edits
