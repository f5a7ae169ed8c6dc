#include "diagnosis/report.hpp"

#include "fhir/json.hpp"
#include "fhir/time.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

std::string instant(LocalTime at) {
    return fhir::format_instant(ServerTime(std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch())));
}

std::string place(const Link& link) {
    switch (link.kind) {
        case Link::Kind::None:
        case Link::Kind::Connection:
            return {};
        case Link::Kind::Resource:
            return " [" + link.reference + "]";
        default:
            return " [" + std::string(to_string(link.kind)) + " " + std::to_string(link.number) + "]";
    }
}

std::string plain(std::string text) { // without the backticks round names
    std::erase(text, '`');
    return text;
}

std::string check_text(std::string_view name, const Check& check) {
    return "  " + std::string(name) + " " + std::string(check.question) + " " + std::string(to_string(check.verdict)) +
           (check.answer.empty() ? "" : ": " + check.answer) + "\n";
}

std::string advice_text(const std::vector<Advice>& all) {
    std::string text;
    for (std::size_t i = 0; i < all.size(); ++i)
        text +=
            "  " + std::to_string(i + 1) + ". " + std::string(all[i].text) + ". " + std::string(all[i].effect) + "\n";
    return text;
}

class Object {
public:
    Object& text(std::string_view name, std::string_view value) { return raw(name, fhir::quote(value)); }
    Object& number(std::string_view name, std::uint64_t value) { return raw(name, std::to_string(value)); }
    Object& time(std::string_view name, LocalTime at) {
        return at == LocalTime{} ? raw(name, "null") : text(name, instant(at));
    }
    Object& raw(std::string_view name, const std::string& json) {
        out_ += (out_.empty() ? "" : ",") + fhir::quote(name) + ":" + json;
        return *this;
    }
    std::string str() const { return "{" + out_ + "}"; }

private:
    std::string out_;
};

template <class List, class Call>
std::string array(const List& list, Call call) {
    std::string out;
    for (const auto& item : list) out += (out.empty() ? "" : ",") + call(item);
    return "[" + out + "]";
}

std::string link_json(const Link& link) {
    if (link.kind == Link::Kind::None) return "null";
    Object object;
    object.text("kind", to_string(link.kind));
    if (!link.reference.empty()) object.text("reference", link.reference);
    if (link.kind != Link::Kind::Resource && link.kind != Link::Kind::Connection) object.number("number", link.number);
    return object.str();
}

std::string check_json(const Check& check) {
    return Object()
        .text("question", check.question)
        .text("result", to_string(check.verdict))
        .text("answer", check.answer)
        .str();
}

std::string advice_json(const std::vector<Advice>& all) {
    return array(
        all, [](const Advice& advice) { return Object().text("do", advice.text).text("effect", advice.effect).str(); });
}

} // namespace

std::string_view word(Severity severity) {
    switch (severity) {
        case Severity::Info:
            return "info";
        case Severity::Attention:
            return "attention";
        case Severity::Error:
            return "error";
    }
    return "?";
}

std::string to_text(const Finding& finding) {
    std::string text(finding.id);
    text.append("  ").append(word(finding.severity)).append("  ").append(finding.title);
    if (!finding.subject.empty()) text += " (" + finding.subject + ")";
    text += "\n  since " + instant(finding.since);
    if (!finding.open()) text += ", closed " + instant(finding.closed);
    text += ", " + std::to_string(finding.count) + (finding.count == 1 ? " fact" : " facts");
    if (finding.affects > 0) text += ", affects " + std::to_string(finding.affects);
    text += ", confidence " + std::to_string(finding.confidence) + " %\n";
    for (const Evidence& evidence : finding.evidence)
        text += "  • " + instant(evidence.at) + "  " + evidence.text + place(evidence.link) + "\n";
    text += check_text("decisive:", finding.decisive) + check_text("against:", finding.negative);
    text += "  " + std::string(finding.explanation) + "\n";
    return text + advice_text(finding.advice);
}

std::string to_text(const Explanation& e) {
    std::string text = e.reference + ": " + e.verdict + "\n  " + plain(e.because) + "\n";
    if (e.stale && e.stale_since != LocalTime{}) text += "  not certain since " + instant(e.stale_since) + "\n";
    for (std::size_t i = 0; i < station_count; ++i) {
        const Station& station = e.stations[i];
        std::string line = "  " + std::string(to_string(static_cast<StationName>(i)));
        line.resize(16, ' ');
        std::string reached(to_string(station.reached));
        reached.resize(13, ' ');
        text += line + reached + station.word + (station.at != LocalTime{} ? ", " + instant(station.at) : "");
        if (!station.text.empty()) text += ". " + plain(station.text);
        if (!station.source.empty()) text += " (" + station.source + ")";
        text += place(station.link) + "\n";
    }
    return text + advice_text(e.advice);
}

std::string to_json(const Finding& finding) {
    Object object;
    object.text("id", finding.id)
        .text("subject", finding.subject)
        .text("severity", word(finding.severity))
        .text("title", finding.title)
        .time("since", finding.since)
        .time("closed", finding.closed)
        .number("count", finding.count)
        .number("affects", finding.affects)
        .number("confidence", static_cast<std::uint64_t>(std::max(0, finding.confidence)))
        .raw("decisive", check_json(finding.decisive))
        .raw("negative", check_json(finding.negative))
        .text("explanation", finding.explanation)
        .raw("evidence", array(finding.evidence,
                               [](const Evidence& evidence) {
                                   return Object()
                                       .time("at", evidence.at)
                                       .text("text", evidence.text)
                                       .raw("link", link_json(evidence.link))
                                       .str();
                               }))
        .raw("advice", advice_json(finding.advice));
    return object.str();
}

std::string to_json(const Explanation& e) {
    std::string stations;
    for (std::size_t i = 0; i < station_count; ++i) {
        const Station& station = e.stations[i];
        stations += (i ? "," : "") + Object()
                                         .text("station", to_string(static_cast<StationName>(i)))
                                         .text("reached", to_string(station.reached))
                                         .text("what", station.word)
                                         .time("at", station.at)
                                         .text("text", plain(station.text))
                                         .text("source", station.source)
                                         .raw("link", link_json(station.link))
                                         .str();
    }
    return Object()
        .text("reference", e.reference)
        .raw("known", e.known ? "true" : "false")
        .raw("stale", e.stale ? "true" : "false")
        .time("since", e.stale_since)
        .text("severity", word(e.severity))
        .text("verdict", e.verdict)
        .text("because", plain(e.because))
        .raw("stations", "[" + stations + "]")
        .raw("advice", advice_json(e.advice))
        .str();
}

} // namespace fhirscope::diagnosis
