#include "diagnosis/report.hpp"

#include "diagnosis/report_parts.hpp"

namespace fhirscope::diagnosis {
namespace {

using fhir::JsonWriter;

void add_check(fhir::Text& text, std::string_view name, const Check& check) {
    text << "  " << name << " " << check.question << " " << to_string(check.verdict);
    if (!check.answer.empty()) text << ": " << check.answer;
    text << "\n";
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

fhir::Text to_text(const Finding& finding) {
    fhir::Text text;
    text << finding.id << "  " << word(finding.severity) << "  " << finding.title;
    if (!finding.subject.empty()) text << " (" << finding.subject << ")";
    text << "\n  since " << instant_text(finding.since);
    if (!finding.open()) text << ", closed " << instant_text(finding.closed);
    text << ", " << finding.count << (finding.count == 1 ? " fact" : " facts");
    if (finding.affects > 0) text << ", affects " << finding.affects;
    text << ", confidence " << finding.confidence << " %\n";
    for (const Evidence& evidence : finding.evidence) {
        text << "  • " << instant_text(evidence.at) << "  " << evidence.text;
        add_link(text, evidence.link);
        text << "\n";
    }
    add_check(text, "decisive:", finding.decisive);
    add_check(text, "against:", finding.negative);
    text << "  " << finding.explanation << "\n";
    add_advice(text, finding.advice, "  ");
    return text;
}

fhir::Text to_text(const Explanation& e) {
    fhir::Text text;
    text << e.reference << ": " << e.verdict << "\n  " << plain_text(e.because) << "\n";
    if (e.stale && e.stale_since != LocalTime{}) text << "  not certain since " << instant_text(e.stale_since) << "\n";
    for (std::size_t i = 0; i < station_count; ++i) {
        const Station& station = e.stations[i];
        text << "  " << to_string(static_cast<StationName>(i));
        text.pad_to(16) << to_string(station.reached);
        text.pad_to(29) << station.word;
        if (station.at != LocalTime{}) text << ", " << instant_text(station.at);
        if (!station.text.empty()) text << ". " << plain_text(station.text);
        if (!station.source.empty()) text << " (" << station.source << ")";
        add_link(text, station.link);
        text << "\n";
    }
    add_advice(text, e.advice, "  ");
    return text;
}

void write(JsonWriter& json, const Explanation& e) {
    json.object().member("reference", e.reference).member("known", e.known).member("stale", e.stale);
    write_time(json, "since", e.stale_since);
    json.member("severity", word(e.severity)).member("verdict", e.verdict).member("because", plain_text(e.because));
    json.array("stations");
    for (std::size_t i = 0; i < station_count; ++i) {
        const Station& station = e.stations[i];
        json.object()
            .member("station", to_string(static_cast<StationName>(i)))
            .member("reached", to_string(station.reached))
            .member("what", station.word);
        write_time(json, "at", station.at);
        json.member("text", plain_text(station.text)).member("source", station.source);
        write_link(json, station.link);
        json.end();
    }
    json.end();
    write_advice(json, e.advice);
    json.end();
}

} // namespace fhirscope::diagnosis
