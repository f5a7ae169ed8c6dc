#include "checks/report.hpp"

#include "diagnosis/causes/table.hpp"
#include "diagnosis/incident_text.hpp"
#include "diagnosis/report.hpp"
#include "diagnosis/report_parts.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace fhirscope::checks {

namespace {

using diagnosis::instant_text;

std::size_t count_of(const std::vector<Outcomes>& all, Verdict verdict) {
    std::size_t count = 0;
    for (const Outcomes& outcomes : all) count += outcomes.count(verdict);
    return count;
}

// What there is to say of one that did not pass: a line each.
std::vector<std::string> lines_of(const Outcome& outcome, LocalTime first) {
    std::vector<std::string> lines;
    if (outcome.at != LocalTime{})
        lines.push_back("at " + offset_text(outcome.at, first) + " (" + instant_text(outcome.at) + ")" +
                        (outcome.about.empty() ? "" : ", " + outcome.about));
    lines.push_back("expected: " + outcome.wanted);
    lines.push_back("measured: " + outcome.measured);
    if (!outcome.instead.empty()) lines.push_back("instead: " + outcome.instead);
    if (outcome.incident)
        lines.push_back("explained by incident " + std::to_string(outcome.incident->number) + ": " +
                        std::string(outcome.incident->id) + ", " + outcome.incident->headline + ", since " +
                        instant_text(outcome.incident->from));
    return lines;
}

void add_one(fhir::Text& text, const Outcome& outcome, LocalTime first) {
    text << (outcome.verdict == Verdict::Failed ? "FAILED     " : "UNDECIDED  ") << outcome.name << "\n";
    for (const std::string& line : lines_of(outcome, first)) text << "           " << line << "\n";
}

void write_incident(fhir::JsonWriter& json, const diagnosis::IncidentPtr& incident) {
    if (!incident) return static_cast<void>(json.null("incident"));
    json.object("incident")
        .member("number", incident->number)
        .member("id", incident->id)
        .member("cause", diagnosis::to_string(incident->cause))
        .member("severity", diagnosis::word(incident->severity))
        .member("headline", incident->headline);
    diagnosis::write_time(json, "from", incident->from);
    diagnosis::write_time(json, "to", incident->to);
    json.end();
}

// Of an attribute or of text: what XML must not hold is written as in text for people.
std::string xml(std::string_view text) {
    std::string out;
    for (const char c : fhir::harmless(text))
        if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '&')
            out += "&amp;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    return out;
}

std::string seconds_text(LocalTime from, LocalTime to) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f", static_cast<double>((to - from).count()) / 1e6);
    return text.data();
}

void add_case(std::string& out, const Outcome& outcome, const Outcomes& of, const std::string& suite) {
    const bool passed = outcome.verdict == Verdict::Passed;
    const LocalTime until = outcome.at == LocalTime{} ? of.last : outcome.at;
    out += "    <testcase classname=\"" + xml(suite) + "\" name=\"" + xml(outcome.name) + "\" time=\"" +
           seconds_text(of.first, until) + "\"" + (passed ? "/>\n" : ">\n");
    if (passed) return;
    const std::string element = outcome.verdict == Verdict::Failed ? "failure" : "error";
    out += "      <" + element + " type=\"" + std::string(to_string(outcome.verdict)) + "\" message=\"" +
           xml(outcome.measured) + "\">";
    for (const std::string& line : lines_of(outcome, of.first)) out += xml(line) + "\n";
    out += "</" + element + ">\n    </testcase>\n";
}

std::string counts(std::size_t tests, std::size_t failures, std::size_t errors) {
    return " tests=\"" + std::to_string(tests) + "\" failures=\"" + std::to_string(failures) + "\" errors=\"" +
           std::to_string(errors) + "\" skipped=\"0\"";
}

} // namespace

bool all_passed(const std::vector<Outcomes>& all) {
    return std::all_of(
        all.begin(), all.end(), [](const Outcomes& outcomes) { return outcomes.passed(); });
}

std::string offset_text(LocalTime at, LocalTime first) {
    using namespace std::chrono;
    const auto ms = duration_cast<milliseconds>(std::max(at, first) - first).count();
    std::array<char, 48> text{};
    if (ms >= 3'600'000)
        std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld.%03lld", static_cast<long long>(ms / 3'600'000),
                      static_cast<long long>(ms / 60'000 % 60), static_cast<long long>(ms / 1000 % 60),
                      static_cast<long long>(ms % 1000));
    else
        std::snprintf(text.data(), text.size(), "%lld:%02lld.%03lld", static_cast<long long>(ms / 60'000),
                      static_cast<long long>(ms / 1000 % 60), static_cast<long long>(ms % 1000));
    return text.data();
}

fhir::Text to_text(const std::vector<Outcomes>& all, const std::string& source) {
    std::size_t expected = 0;
    for (const Outcomes& outcomes : all) expected += outcomes.all.size();
    fhir::Text text;
    text << count_of(all, Verdict::Passed) << " of " << expected << (expected == 1 ? " expectation" : " expectations")
         << " passed, " << count_of(all, Verdict::Failed) << " failed, " << count_of(all, Verdict::Undecided)
         << " undecided: " << source;
    if (!all.empty() && all.front().inputs > 0)
        text << ", from " << instant_text(all.front().first) << " for "
             << diagnosis::lasting_text(all.front().last - all.front().first);
    text << "\n";
    for (const Verdict verdict : {Verdict::Failed, Verdict::Undecided})
        for (const Outcomes& outcomes : all)
            for (const Outcome& outcome : outcomes.all)
                if (outcome.verdict == verdict) add_one(text, outcome, outcomes.first);
    for (const Outcomes& outcomes : all)
        for (const Outcome& outcome : outcomes.all)
            if (outcome.verdict == Verdict::Passed)
                text << "passed     " << outcome.name << ": " << outcome.measured << "\n";
    return text;
}

void write_members(fhir::JsonWriter& json, const std::vector<Outcomes>& all) {
    json.member("passed", count_of(all, Verdict::Passed))
        .member("failed", count_of(all, Verdict::Failed))
        .member("undecided", count_of(all, Verdict::Undecided));
    diagnosis::write_time(json, "first", all.empty() ? LocalTime{} : all.front().first);
    diagnosis::write_time(json, "last", all.empty() ? LocalTime{} : all.front().last);
    json.member("inputs", all.empty() ? 0 : all.front().inputs).array("files");
    for (const Outcomes& outcomes : all) {
        json.object();
        if (outcomes.path.empty())
            json.null("file");
        else
            json.member("file", outcomes.path);
        json.array("expectations");
        for (const Outcome& outcome : outcomes.all) {
            json.object().member("name", outcome.name).member("verdict", to_string(outcome.verdict));
            diagnosis::write_time(json, "from", outcome.from);
            diagnosis::write_time(json, "at", outcome.at);
            json.member("expected", outcome.wanted)
                .member("measured", outcome.measured)
                .member("figure", outcome.figure);
            json.member("instead", outcome.instead.empty() ? std::nullopt : std::optional(outcome.instead));
            json.member("resource", outcome.about.empty() ? std::nullopt : std::optional(outcome.about));
            write_incident(json, outcome.incident);
            json.end();
        }
        json.end().end();
    }
    json.end();
}

std::string to_junit(const std::vector<Outcomes>& all, const std::string& source) {
    std::size_t tests = 0;
    for (const Outcomes& outcomes : all) tests += outcomes.all.size();
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"fhirscope\"" +
                      counts(tests, count_of(all, Verdict::Failed), count_of(all, Verdict::Undecided)) + ">\n";
    for (const Outcomes& outcomes : all) {
        const std::string suite = outcomes.path.empty() ? "command line" : outcomes.path;
        const std::string timestamp = instant_text(outcomes.first);
        out += "  <testsuite name=\"" + xml(suite) + "\"" +
               counts(outcomes.all.size(), outcomes.count(Verdict::Failed), outcomes.count(Verdict::Undecided)) +
               " time=\"" + seconds_text(outcomes.first, outcomes.last) + "\" timestamp=\"" +
               timestamp.substr(0, timestamp.find('.')) +
               "\">\n    <properties>\n      <property name=\"session\" value=\"" + xml(source) +
               "\"/>\n    </properties>\n";
        for (const Outcome& outcome : outcomes.all) add_case(out, outcome, outcomes, suite);
        out += "  </testsuite>\n";
    }
    return out + "</testsuites>\n";
}

} // namespace fhirscope::checks
