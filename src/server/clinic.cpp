#include "server/clinic.hpp"

#include "fhir/json.hpp"
#include "server/clinic_data.hpp"
#include "server/clinic_records.hpp"

#include <algorithm>
#include <cstdio>

namespace fhirscope::server {

namespace {

using fhir::JsonWriter;
using rapidjson::Document;
using rapidjson::Value;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

struct Step {
    std::string_view from, to;
    unsigned weight;
};

// The paths that staff take through the Task state machine (PROTOCOL E1).
constexpr auto steps = std::to_array<Step>({
    {"draft", "requested", 9},
    {"draft", "ready", 3},
    {"draft", "cancelled", 1},
    {"requested", "received", 12},
    {"requested", "accepted", 6},
    {"requested", "rejected", 1},
    {"requested", "cancelled", 1},
    {"received", "accepted", 16},
    {"received", "rejected", 1},
    {"received", "cancelled", 1},
    {"accepted", "in-progress", 18},
    {"accepted", "cancelled", 1},
    {"ready", "in-progress", 18},
    {"ready", "cancelled", 1},
    {"in-progress", "completed", 12},
    {"in-progress", "on-hold", 5},
    {"in-progress", "failed", 1},
    {"on-hold", "in-progress", 1},
});

std::string next_status(std::string_view status, Random& random) {
    unsigned total = 0;
    for (const auto& step : steps) total += step.from == status ? step.weight : 0;
    auto draw = random.below(total);
    for (const auto& step : steps)
        if (step.from == status) {
            if (draw < step.weight) return std::string(step.to);
            draw -= step.weight;
        }
    return {}; // an end state
}

std::string time_text(ServerTime time) { return fhir::format_instant(time); }
std::string date_text(ServerTime time) { return time_text(time).substr(0, 10); }

void set(Document& content, const char* name, Value value) {
    if (auto member = content.FindMember(name); member != content.MemberEnd())
        member->value = std::move(value);
    else
        content.AddMember(rapidjson::StringRef(name), std::move(value), content.GetAllocator());
}

void set_text(Document& content, const char* name, std::string_view text) {
    set(content, name, Value(text.data(), static_cast<rapidjson::SizeType>(text.size()), content.GetAllocator()));
}

// What `write` makes of one value.
template <class Write>
void set_value(Document& content, const char* name, Write write) {
    JsonWriter json;
    write(json);
    if (auto value = fhir::parse_json(json.take())) set(content, name, Value(*value, content.GetAllocator()));
}

void set_reference(Document& content, const char* name, const Referred& to) {
    set_value(
        content, name,
        [&](JsonWriter& json) { json.object().member("reference", to.reference).member("display", to.display).end(); });
}

std::optional<Document> current_content(const Store& store, std::string_view type, std::string_view id) {
    auto version = store.current(type, id);
    if (!version || version->deleted()) return std::nullopt;
    auto content = fhir::parse_json(version->plain_text());
    return content ? std::optional<Document>(std::move(*content)) : std::nullopt;
}

VersionPtr create(Store& store, const std::string& text, const Author& author, ServerTime when) {
    auto content = fhir::parse_json(text);
    return content ? store.create(std::move(*content), author, when) : nullptr;
}

std::string padded(std::uint64_t number, int width) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*llu", width, static_cast<unsigned long long>(number));
    return text;
}

} // namespace

Clinic::Clinic(ClinicOptions options, Store& store)
    : options_(options), store_(store), random_(options.seed ^ 0xc11c1c11c1c11c1cULL), rate_(options.rate) {}

Author Clinic::some_author() {
    const auto& person = random_.pick(std::span<const Person>(staff_));
    return {person.reference, person.display};
}

ServerTime Clinic::some_time_before(ServerTime now, milliseconds least, milliseconds most) {
    return now - milliseconds(random_.between(least.count(), most.count()));
}

ServerTime Clinic::due_after(ServerTime now) {
    // Most are due within the working day around now, on full five minutes; some later, a few are late already.
    auto offset = minutes(random_.chance(75) ? random_.between(-25, 8 * 60) : random_.between(8 * 60, 6 * 24 * 60));
    return ServerTime(std::chrono::floor<minutes>((now + offset).time_since_epoch()) / 5 * 5);
}

void Clinic::populate(ServerTime now) {
    for (const auto& who : data::staff) {
        auto display = std::string(who.given.substr(0, 1)) + ". " + std::string(who.family);
        auto version = create(store_, practitioner_text(who), {"Practitioner/system", "Clinic"}, now - hours(24 * 30));
        if (version) staff_.push_back({version->id, version->reference(), display});
    }
    for (std::size_t i = 0; i < options_.patients; ++i) {
        const auto& culture = data::cultures[(i + random_.below(3)) % data::cultures.size()];
        bool female = random_.chance(50);
        auto given = random_.pick(female ? culture.female : culture.male);
        auto family = random_.pick(culture.families);
        auto birth = ServerTime(hours(24) * random_.between(-13'500, 9'000)); // 1933 to 1994
        const auto& practitioner = random_.pick(std::span<const Person>(staff_));
        auto phone = std::string(culture.phone) + padded(random_.below(10'000), 4);
        const auto text = patient_text({.number = "MRN-" + padded(100'000 + i, 6),
                                        .given = given,
                                        .family = family,
                                        .phone = phone,
                                        .gender = female ? "female" : "male",
                                        .birth_date = date_text(birth),
                                        .city = culture.city,
                                        .country = culture.country,
                                        .practitioner = {practitioner.reference, practitioner.display}});
        auto when = some_time_before(now, hours(10), hours(20 * 24));
        if (auto version = create(store_, text, {practitioner.reference, practitioner.display}, when))
            patients_.push_back({version->id, version->reference(), std::string(given) + " " + std::string(family)});
    }
    for (std::size_t i = 0; i < options_.tasks && !patients_.empty(); ++i) {
        auto when = some_time_before(now, minutes(1), hours(8));
        auto authored = some_time_before(when, minutes(0), hours(3 * 24));
        add_task(when, authored, true);
    }
    for (std::size_t i = 0; i < options_.patients / 6; ++i) add_alert(some_time_before(now, minutes(1), hours(6)));
    schedule_from(now);
}

void Clinic::add_task(ServerTime now, ServerTime authored, bool any_status) {
    const auto& patient = random_.pick(std::span<const Person>(patients_));
    const auto& kind = random_.pick(data::task_kinds);
    static constexpr auto statuses = std::to_array<std::string_view>(
        {"requested", "requested", "requested", "received", "received", "accepted", "accepted", "ready", "in-progress",
         "in-progress", "in-progress", "on-hold", "completed", "completed", "draft", "rejected"});
    static constexpr auto priorities = std::to_array<std::string_view>(
        {"routine", "routine", "routine", "routine", "routine", "routine", "urgent", "urgent", "asap", "stat"});
    std::string_view status = any_status ? random_.pick(statuses) : random_.chance(85) ? "requested" : "draft";
    auto requester = some_author();
    auto due = due_after(now);
    TaskFacts facts{.number = "T-" + padded(++records_, 6),
                    .status = status,
                    .priority = random_.pick(priorities),
                    .kind = kind,
                    .patient = {patient.reference, patient.display},
                    .authored = time_text(authored),
                    .modified = time_text(now),
                    .due = time_text(due),
                    .requester = {requester.reference, requester.display},
                    .owner = {}};
    bool owned = status != "requested" && status != "draft" && status != "rejected" ? true : random_.chance(45);
    if (owned) {
        auto owner = some_author();
        facts.owner = {owner.reference, owner.display};
    }
    auto version = create(store_, task_text(facts), requester, now);
    if (version && (status == "completed" || status == "rejected"))
        done_tasks_.push_back(version->id);
    else if (version)
        open_tasks_.push_back(version->id);
}

void Clinic::add_alert(ServerTime when) {
    if (patients_.empty()) return;
    const auto& patient = random_.pick(std::span<const Person>(patients_));
    const auto& kind = random_.pick(data::alert_kinds);
    auto author = some_author();
    auto value = random_.between(kind.low, kind.high);
    const auto text = alert_text(kind, value, {patient.reference, patient.display}, date_text(when));
    if (auto version = create(store_, text, author, when)) alerts_.push_back(version->id);
}

// An open task that still is one, as a position in open_tasks_.
std::optional<std::size_t> Clinic::some_task() {
    while (!open_tasks_.empty()) {
        auto position = static_cast<std::size_t>(random_.below(open_tasks_.size()));
        auto version = store_.current("Task", open_tasks_[position]);
        if (version && !version->deleted()) return position;
        forget_task(position); // someone else deleted it
    }
    return std::nullopt;
}

void Clinic::forget_task(std::size_t position) {
    open_tasks_[position] = std::move(open_tasks_.back());
    open_tasks_.pop_back();
}

bool Clinic::edit_task(std::size_t position, ServerTime now, const std::function<void(Document&)>& edit) {
    auto content = current_content(store_, "Task", open_tasks_[position]);
    if (!content) return false;
    edit(*content);
    set_text(*content, "lastModified", time_text(now));
    return store_.update(std::move(*content), some_author(), now) != nullptr;
}

bool Clinic::advance_task(ServerTime now) {
    auto position = some_task();
    if (!position) return false;
    bool ended = false, changed = false;
    auto id = open_tasks_[*position];
    auto content = current_content(store_, "Task", id);
    if (!content) return false;
    std::string from(fhir::string_at(*content, "status"));
    auto to = next_status(from, random_);
    if (to.empty()) { // someone else ended it
        done_tasks_.push_back(id);
        forget_task(*position);
        return false;
    }
    changed = edit_task(*position, now, [&](Document& task) {
        set_text(task, "status", to);
        if (!task.HasMember("owner") && (to == "accepted" || to == "received" || to == "in-progress")) {
            auto owner = some_author();
            set_reference(task, "owner", {owner.reference, owner.display});
        }
        if (to == "in-progress" && from != "on-hold")
            set_value(task, "executionPeriod",
                      [&](JsonWriter& json) { json.object().member("start", time_text(now)).end(); });
        if (auto period = task.FindMember("executionPeriod");
            period != task.MemberEnd() && (to == "completed" || to == "failed")) {
            auto start = std::string(fhir::string_at(period->value, "start"));
            set_value(task, "executionPeriod", [&](JsonWriter& json) {
                json.object().member("start", start).member("end", time_text(now)).end();
            });
        }
        if (to == "on-hold")
            set_value(task, "statusReason",
                      [](JsonWriter& json) { json.object().member("text", "Waiting for the patient").end(); });
        else
            task.RemoveMember("statusReason");
    });
    ended = to == "completed" || to == "failed" || to == "rejected" || to == "cancelled";
    if (ended) {
        done_tasks_.push_back(id);
        forget_task(*position);
    }
    return changed;
}

bool Clinic::reassign_task(ServerTime now) {
    auto position = some_task();
    return position && edit_task(*position, now, [&](Document& task) {
               auto owner = some_author();
               set_reference(task, "owner", {owner.reference, owner.display});
           });
}

bool Clinic::reprioritise_task(ServerTime now) {
    static constexpr auto priorities = std::to_array<std::string_view>({"routine", "urgent", "asap", "stat"});
    auto position = some_task();
    return position && edit_task(*position, now, [&](Document& task) {
               set_text(task, "priority", random_.pick(priorities));
               if (random_.chance(40))
                   set_value(task, "restriction", [&](JsonWriter& json) {
                       json.object().object("period").member("end", time_text(due_after(now))).end().end();
                   });
           });
}

bool Clinic::note_on_task(ServerTime now) {
    auto position = some_task();
    return position && edit_task(*position, now, [&](Document& task) {
               auto author = some_author();
               JsonWriter json;
               json.object();
               write_reference(json, "authorReference", {author.reference, author.display});
               json.member("time", time_text(now)).member("text", random_.pick(data::notes)).end();
               auto note = fhir::parse_json(json.take());
               if (!note) return;
               if (!task.HasMember("note") || !task["note"].IsArray()) set(task, "note", Value(rapidjson::kArrayType));
               auto& notes = task["note"];
               if (notes.Size() >= 5) // a task's story stays readable
                   notes.Erase(notes.Begin());
               notes.PushBack(Value(*note, task.GetAllocator()), task.GetAllocator());
           });
}

bool Clinic::edit_patient(ServerTime now) {
    if (patients_.empty()) return false;
    const auto& patient = random_.pick(std::span<const Person>(patients_));
    auto content = current_content(store_, "Patient", patient.id);
    if (!content) return false;
    if (random_.chance(70)) {
        const auto& culture = random_.pick(data::cultures);
        const auto phone = std::string(culture.phone) + padded(random_.below(10'000), 4);
        set_value(*content, "telecom", [&](JsonWriter& json) {
            json.array().object().member("system", "phone").member("value", phone).member("use", "mobile").end().end();
        });
    } else {
        const auto& person = random_.pick(std::span<const Person>(staff_));
        set_value(*content, "generalPractitioner", [&](JsonWriter& json) {
            json.array().object();
            json.member("reference", person.reference).member("display", person.display).end().end();
        });
    }
    return store_.update(std::move(*content), some_author(), now) != nullptr;
}

bool Clinic::change_alert(ServerTime now) {
    if (alerts_.empty()) return false;
    auto content = current_content(store_, "Basic", random_.pick(std::span<const std::string>(alerts_)));
    if (!content || !content->HasMember("extension") || !(*content)["extension"].IsArray()) return false;
    for (auto& item : (*content)["extension"].GetArray()) {
        if (!fhir::string_at(item, "url").ends_with("-state") || !item.HasMember("valueCode")) continue;
        auto state = fhir::string_at(item, "valueCode");
        item["valueCode"] = state == "active"         ? rapidjson::StringRef("acknowledged")
                            : state == "acknowledged" ? rapidjson::StringRef("cleared")
                                                      : rapidjson::StringRef("active");
    }
    return store_.update(std::move(*content), some_author(), now) != nullptr;
}

bool Clinic::new_task(ServerTime now) {
    // The clinic's size is steady: work comes in as it gets done.
    if (patients_.empty() || open_tasks_.size() >= std::max<std::size_t>(options_.tasks, 1)) return false;
    add_task(now, now, false);
    return true;
}

bool Clinic::new_alert(ServerTime now) {
    if (patients_.empty()) return false;
    if (alerts_.size() >=
        std::max<std::size_t>(options_.patients / 3, 1)) // one that was cleared is raised again instead
        return change_alert(now);
    add_alert(now);
    return true;
}

bool Clinic::delete_task(ServerTime now) {
    if (done_tasks_.empty()) return false;
    auto id = done_tasks_.front();
    done_tasks_.pop_front();
    return store_.remove("Task", id, now) != nullptr;
}

bool Clinic::change(ServerTime now) {
    if (staff_.empty()) return false;
    if (done_tasks_.size() > std::max<std::size_t>(options_.tasks, 50) &&
        delete_task(now)) // the archive takes the oldest
        return true;
    for (int attempt = 0; attempt < 20; ++attempt) {
        auto draw = random_.below(100);
        bool made = draw < 48   ? advance_task(now)
                    : draw < 58 ? reassign_task(now)
                    : draw < 64 ? reprioritise_task(now)
                    : draw < 74 ? note_on_task(now)
                    : draw < 86 ? new_task(now)
                    : draw < 91 ? edit_patient(now)
                    : draw < 97 ? change_alert(now)
                    : draw < 99 ? new_alert(now)
                                : delete_task(now);
        if (made) return true;
    }
    return false;
}

void Clinic::schedule_from(ServerTime now) {
    next_us_ = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
    advance_clock();
}

void Clinic::advance_clock() {
    // 0.4 to 1.6 of the mean: people are not a metronome. Whole numbers only, so that every platform draws the same.
    auto mean = static_cast<std::int64_t>(1e6 / std::max(rate_, 1e-6));
    next_us_ += mean * random_.between(400, 1600) / 1000;
}

std::optional<ServerTime> Clinic::next_due() const {
    if (paused_ || rate_ <= 0) return std::nullopt;
    return ServerTime(milliseconds((next_us_ + 999) / 1000));
}

std::size_t Clinic::step(ServerTime now) {
    std::size_t made = 0;
    auto now_us = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
    if (now_us - next_us_ > 1'000'000) // the clock jumped, or the machine slept: do not make up for it in a burst
        next_us_ = now_us;
    while (!paused_ && rate_ > 0 && next_us_ <= now_us) {
        if (!change(now)) return schedule_from(now), made;
        ++made;
        advance_clock();
    }
    return made;
}

void Clinic::set_rate(double changes_per_second, ServerTime now) {
    rate_ = std::clamp(changes_per_second, 0.0, 100'000.0);
    schedule_from(now);
}

void Clinic::set_paused(bool paused, ServerTime now) {
    if (paused_ && !paused) schedule_from(now);
    paused_ = paused;
}

} // namespace fhirscope::server
