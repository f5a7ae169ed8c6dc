#include "simulation/diagnosis_tally.hpp"

#include "diagnosis/causes/table.hpp"

#include <algorithm>
#include <cstdio>

namespace fhirscope::simulation {

namespace {

constexpr std::size_t examples_kept = 4;
constexpr double heartbeat_seconds = 10;

double percent(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 100 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

double in_seconds(VirtualTime time) { return static_cast<double>(time.count()) / 1e6; }

VirtualTime percentile(std::vector<VirtualTime> times, unsigned percent) {
    if (times.empty()) return VirtualTime(0);
    const auto nth = times.begin() + static_cast<std::ptrdiff_t>((times.size() - 1) * percent / 100);
    std::nth_element(times.begin(), nth, times.end());
    return *nth;
}

// "http_5xx": as members are named.
std::string member_name(std::string_view name) {
    std::string word(name);
    std::replace(word.begin(), word.end(), '-', '_');
    return word;
}

std::string figure(double value, int digits, int width = 0) {
    char buffer[48];
    std::snprintf(buffer, sizeof buffer, "%*.*f", width, digits, value);
    return buffer;
}

std::string figure(std::uint64_t value, int width) {
    char buffer[48];
    std::snprintf(buffer, sizeof buffer, "%*llu", width, static_cast<unsigned long long>(value));
    return buffer;
}

void count(DiagnosisTally::Counts& counts, FaultVerdict verdict) {
    if (verdict == FaultVerdict::Named) ++counts.named;
    if (verdict == FaultVerdict::Among) ++counts.among;
    if (verdict == FaultVerdict::ByLoss) ++counts.by_loss;
    if (verdict == FaultVerdict::Under) ++counts.under;
    if (verdict == FaultVerdict::Missed) ++counts.missed;
}

void count(DiagnosisTally::Said& said, const JudgedIncident& judged) {
    if (judged.verdict == IncidentVerdict::Right) ++said.right;
    if (judged.verdict == IncidentVerdict::Among) ++said.among;
    if (judged.verdict == IncidentVerdict::Wrong) ++said.wrong;
    if (!judged.in_time) ++said.out_of_time;
    if (!judged.in_scope) ++said.elsewhere;
    if (judged.misled.count() > 0) said.misled.push_back(judged.misled);
    if (judged.incident.said.size() > 1) ++said.changed;
}

void write_said(fhir::Text& text, const DiagnosisTally::Said& said) {
    text << said.all() << ": " << said.right << " right, " << said.among << " right among several, " << said.wrong
         << " wrong; " << said.out_of_time << " begin or end at another time, " << said.elsewhere
         << " are told of other types (" << figure(said.elsewhere_part(), 2) << " %), " << said.changed
         << " changed their cause, " << said.misled.size() << " of them from a wrong one to a right one, after p50 "
         << figure(in_seconds(percentile(said.misled, 50)), 1) << " s, p95 "
         << figure(in_seconds(percentile(said.misled, 95)), 1) << " s";
}

void write_said(fhir::JsonWriter& json, std::string_view name, const DiagnosisTally::Said& said) {
    json.object(name)
        .member("right", said.right)
        .member("among", said.among)
        .member("wrong", said.wrong)
        .member("out_of_time", said.out_of_time)
        .member("elsewhere", said.elsewhere)
        .member("changed", said.changed)
        .member("misled", said.misled.size())
        .decimal("misled_seconds_p50", in_seconds(percentile(said.misled, 50)), 1)
        .decimal("misled_seconds_p95", in_seconds(percentile(said.misled, 95)), 1)
        .decimal("precision", said.precision(), 2)
        .end();
}

void write_counts(fhir::JsonWriter& json, const DiagnosisTally::Counts& counts) {
    json.member("with_effect", counts.with_effect())
        .member("named", counts.named)
        .member("among", counts.among)
        .member("by_loss", counts.by_loss)
        .member("under_another", counts.under)
        .member("missed", counts.missed)
        .decimal("recall", counts.recall(), 2)
        .decimal("named_recall", counts.named_recall(), 2);
}

} // namespace

double DiagnosisTally::Counts::recall() const { return percent(named + among + by_loss, with_effect()); }
double DiagnosisTally::Counts::named_recall() const { return percent(named + among, with_effect()); }
double DiagnosisTally::Said::precision() const { return percent(right + among, all()); }
double DiagnosisTally::Said::elsewhere_part() const {
    return right + among == 0 ? 0 : percent(elsewhere, right + among);
}

double DiagnosisTally::Said::out_of_time_part() const {
    return right + among == 0 ? 0 : percent(out_of_time, right + among);
}

void DiagnosisTally::Confusion::add(Example example) {
    ++count;
    if (std::find(examples.begin(), examples.end(), example) != examples.end()) return;
    examples.insert(std::upper_bound(examples.begin(), examples.end(), example), example);
    if (examples.size() > examples_kept) examples.pop_back();
}

std::string_view DiagnosisTally::name_of(Told told) { return told ? diagnosis::to_string(*told) : "nothing"; }

void DiagnosisTally::add(const Scenario& scenario, const Judgement& judgement) {
    ++seeds_;
    const Example example{scenario.faults.size(), scenario.seed};
    auto& [counts, said] = behaviours_[scenario.behaviour];
    for (const JudgedFault& fault : judgement.faults) {
        const FaultKind kind = fault.trace.fault.kind;
        OfFault& of = faults_[static_cast<std::size_t>(kind)];
        ++of.planted;
        if (fault.verdict == FaultVerdict::WithoutEffect) ++of.without_effect;
        if (fault.verdict == FaultVerdict::Benign) ++of.benign;
        count(of.counts, fault.verdict);
        count(counts, fault.verdict);
        if (fault.took) of.took.push_back(*fault.took);
        if (fault.verdict <= FaultVerdict::Benign) continue;
        Told told;
        if (fault.incident) told = judgement.incidents[*fault.incident].incident.cause;
        told_[{kind, told}].add(example);
        if (fault.verdict == FaultVerdict::Missed) missed_[{kind, told}].add(example);
    }
    for (const JudgedIncident& judged : judgement.incidents) {
        const bool alarms = judged.incident.severity > diagnosis::Severity::Info;
        count(alarms ? alarms_ : infos_, judged);
        if (!alarms) continue;
        count(said, judged);
        if (judged.verdict != IncidentVerdict::Wrong) continue;
        Confusion& wrong = wrong_[judged.incident.cause];
        wrong.add(example);
        for (std::size_t i = 0; i < judged.around.size(); ++i)
            if (std::none_of(judged.around.begin(), judged.around.begin() + static_cast<std::ptrdiff_t>(i),
                             [&](const Fault& earlier) { return earlier.kind == judged.around[i].kind; }))
                ++wrong.near[judged.around[i].kind];
    }
}

DiagnosisTally::Counts DiagnosisTally::recall() const {
    Counts all;
    for (const OfFault& of : faults_) {
        all.named += of.counts.named;
        all.among += of.counts.among;
        all.by_loss += of.counts.by_loss;
        all.under += of.counts.under;
        all.missed += of.counts.missed;
    }
    return all;
}

VirtualTime DiagnosisTally::took(unsigned percent) const {
    std::vector<VirtualTime> all;
    for (const OfFault& of : faults_) all.insert(all.end(), of.took.begin(), of.took.end());
    return percentile(std::move(all), percent);
}

std::vector<std::pair<std::pair<FaultKind, DiagnosisTally::Told>, const DiagnosisTally::Confusion*>>
DiagnosisTally::missed() const {
    std::vector<std::pair<std::pair<FaultKind, Told>, const Confusion*>> list;
    for (const auto& [key, confusion] : missed_) list.emplace_back(key, &confusion);
    std::stable_sort(list.begin(), list.end(),
                     [](const auto& a, const auto& b) { return a.second->count > b.second->count; });
    return list;
}

void DiagnosisTally::write_faults(fhir::Text& text) const {
    text << "fault                          planted effect  named  among bylost  under missed  recall   p50 s   p95 s  "
            "called\n";
    for (std::size_t i = 0; i < faults_.size(); ++i) {
        const OfFault& of = faults_[i];
        const auto kind = static_cast<FaultKind>(i);
        if (of.planted == 0) continue;
        text << info(kind).name;
        text.pad_to(31) << figure(of.planted, 7);
        if (of.benign > 0) {
            text << "  benign\n";
            continue;
        }
        const Counts& c = of.counts;
        text << figure(c.with_effect(), 7) << figure(c.named, 7) << figure(c.among, 7) << figure(c.by_loss, 7)
             << figure(c.under, 7) << figure(c.missed, 7) << figure(c.recall(), 1, 8)
             << figure(in_seconds(percentile(of.took, 50)), 1, 8) << figure(in_seconds(percentile(of.took, 95)), 1, 8);
        std::vector<std::pair<std::uint64_t, Told>> called;
        for (const auto& [key, confusion] : told_)
            if (key.first == kind) called.emplace_back(confusion.count, key.second);
        std::stable_sort(called.begin(), called.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
        text << " ";
        for (const auto& [times, told] : called) text << " " << name_of(told) << " " << times;
        text << "\n";
    }
}

void DiagnosisTally::write_mistakes(fhir::Text& text, bool with_examples) const {
    const auto examples = [&](const Confusion& confusion) {
        if (with_examples) {
            text << "; seeds";
            for (const Example& example : confusion.examples) text << " " << example.seed;
        }
        text << "\n";
    };
    text << "faults that no incident names, and what was said instead:\n";
    for (const auto& [key, confusion] : missed()) {
        text << "  " << figure(confusion->count, 6) << "  " << info(key.first).name << " → " << name_of(key.second);
        examples(*confusion);
    }
    text << "incidents whose cause was not planted, and what happened around them:\n";
    std::vector<std::pair<diagnosis::CauseCode, const Confusion*>> wrong;
    for (const auto& [cause, confusion] : wrong_) wrong.emplace_back(cause, &confusion);
    std::stable_sort(wrong.begin(), wrong.end(),
                     [](const auto& a, const auto& b) { return a.second->count > b.second->count; });
    for (const auto& [cause, confusion] : wrong) {
        text << "  " << figure(confusion->count, 6) << "  " << diagnosis::to_string(cause) << ":";
        std::vector<std::pair<std::uint64_t, FaultKind>> near;
        for (const auto& [kind, times] : confusion->near) near.emplace_back(times, kind);
        std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
        constexpr std::size_t told = 5;
        for (std::size_t i = 0; i < std::min(told, near.size()); ++i)
            text << " " << info(near[i].second).name << " " << near[i].first;
        if (near.empty()) text << " nothing";
        examples(*confusion);
    }
}

void DiagnosisTally::write(fhir::Text& text, bool with_examples) const {
    write_faults(text);
    const Counts all = recall();
    text << "recall " << figure(all.recall(), 2) << " %: of " << all.with_effect() << " faults with an effect "
         << all.named << " named, " << all.among << " among several (" << figure(all.named_recall(), 2) << " %), "
         << all.by_loss << " told by the events that were missing, as nothing else of them could be seen, " << all.under
         << " within an incident of another fault, " << all.missed << " missed\n"
         << "precision " << figure(alarms_.precision(), 2) << " %: of incidents above information ";
    write_said(text, alarms_);
    text << "\ninformation: ";
    write_said(text, infos_);
    const double half = in_seconds(took(50)), most = in_seconds(took(95));
    text << "\nfrom the first effect to the right cause: p50 " << figure(half, 1) << " s ("
         << figure(half / heartbeat_seconds, 2) << " heartbeats), p95 " << figure(most, 1) << " s ("
         << figure(most / heartbeat_seconds, 2) << ")\n";
    for (const auto& [behaviour, figures] : behaviours_)
        text << to_string(behaviour) << ": recall " << figure(figures.first.recall(), 2) << " %, precision "
             << figure(figures.second.precision(), 2) << " %\n";
    write_mistakes(text, with_examples);
}

void DiagnosisTally::write_members(fhir::JsonWriter& json) const {
    json.member("seeds", seeds_);
    write_counts(json, recall());
    write_said(json, "alarms", alarms_);
    write_said(json, "information", infos_);
    json.decimal("seconds_p50", in_seconds(took(50)), 1).decimal("seconds_p95", in_seconds(took(95)), 1);
    json.object("faults");
    for (std::size_t i = 0; i < faults_.size(); ++i) {
        const OfFault& of = faults_[i];
        if (of.planted == 0) continue;
        const auto kind = static_cast<FaultKind>(i);
        json.object(member_name(info(kind).name))
            .member("planted", of.planted)
            .member("without_effect", of.without_effect)
            .member("benign", of.benign);
        write_counts(json, of.counts);
        json.decimal("seconds_p50", in_seconds(percentile(of.took, 50)), 1)
            .decimal("seconds_p95", in_seconds(percentile(of.took, 95)), 1)
            .object("called");
        for (const auto& [key, confusion] : told_)
            if (key.first == kind) json.member(member_name(name_of(key.second)), confusion.count);
        json.end().end();
    }
    json.end().object("behaviours");
    for (const auto& [behaviour, figures] : behaviours_) {
        json.object(member_name(to_string(behaviour)));
        write_counts(json, figures.first);
        write_said(json, "alarms", figures.second);
        json.end();
    }
    json.end().object("wrong");
    for (const auto& [cause, confusion] : wrong_)
        json.member(member_name(diagnosis::to_string(cause)), confusion.count);
    json.end();
}

} // namespace fhirscope::simulation
