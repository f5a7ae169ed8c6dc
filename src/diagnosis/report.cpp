#include "diagnosis/report.hpp"

#include "fhir/time.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

using fhir::JsonWriter;

std::string instant(LocalTime at) {
    return fhir::format_instant(ServerTime(std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch())));
}

void add_place(fhir::Text& text, const Link& link) {
    switch (link.kind) {
        case Link::Kind::None:
        case Link::Kind::Connection:
            return;
        case Link::Kind::Resource:
            text << " [" << link.reference << "]";
            return;
        default:
            text << " [" << to_string(link.kind) << " " << link.number << "]";
    }
}

std::string plain(std::string text) { // without the backticks round names
    std::erase(text, '`');
    return text;
}

void add_check(fhir::Text& text, std::string_view name, const Check& check) {
    text << "  " << name << " " << check.question << " " << to_string(check.verdict);
    if (!check.answer.empty()) text << ": " << check.answer;
    text << "\n";
}

void add_advice(fhir::Text& text, const std::vector<Advice>& all) {
    for (std::size_t i = 0; i < all.size(); ++i)
        text << "  " << i + 1 << ". " << all[i].text << ". " << all[i].effect << "\n";
}

void write_time(JsonWriter& json, std::string_view member, LocalTime at) {
    if (at == LocalTime{})
        json.null(member);
    else
        json.member(member, instant(at));
}

void write_link(JsonWriter& json, const Link& link) {
    if (link.kind == Link::Kind::None) {
        json.null("link");
        return;
    }
    json.object("link").member("kind", to_string(link.kind));
    if (!link.reference.empty()) json.member("reference", link.reference);
    if (link.kind != Link::Kind::Resource && link.kind != Link::Kind::Connection) json.member("number", link.number);
    json.end();
}

void write_check(JsonWriter& json, std::string_view member, const Check& check) {
    json.object(member)
        .member("question", check.question)
        .member("result", to_string(check.verdict))
        .member("answer", check.answer)
        .end();
}

void write_advice(JsonWriter& json, const std::vector<Advice>& all) {
    json.array("advice");
    for (const Advice& advice : all) json.object().member("do", advice.text).member("effect", advice.effect).end();
    json.end();
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
    text << "\n  since " << instant(finding.since);
    if (!finding.open()) text << ", closed " << instant(finding.closed);
    text << ", " << finding.count << (finding.count == 1 ? " fact" : " facts");
    if (finding.affects > 0) text << ", affects " << finding.affects;
    text << ", confidence " << finding.confidence << " %\n";
    for (const Evidence& evidence : finding.evidence) {
        text << "  • " << instant(evidence.at) << "  " << evidence.text;
        add_place(text, evidence.link);
        text << "\n";
    }
    add_check(text, "decisive:", finding.decisive);
    add_check(text, "against:", finding.negative);
    text << "  " << finding.explanation << "\n";
    add_advice(text, finding.advice);
    return text;
}

fhir::Text to_text(const Explanation& e) {
    fhir::Text text;
    text << e.reference << ": " << e.verdict << "\n  " << plain(e.because) << "\n";
    if (e.stale && e.stale_since != LocalTime{}) text << "  not certain since " << instant(e.stale_since) << "\n";
    for (std::size_t i = 0; i < station_count; ++i) {
        const Station& station = e.stations[i];
        text << "  " << to_string(static_cast<StationName>(i));
        text.pad_to(16) << to_string(station.reached);
        text.pad_to(29) << station.word;
        if (station.at != LocalTime{}) text << ", " << instant(station.at);
        if (!station.text.empty()) text << ". " << plain(station.text);
        if (!station.source.empty()) text << " (" << station.source << ")";
        add_place(text, station.link);
        text << "\n";
    }
    add_advice(text, e.advice);
    return text;
}

void write(JsonWriter& json, const Finding& finding) {
    json.object()
        .member("id", finding.id)
        .member("subject", finding.subject)
        .member("severity", word(finding.severity))
        .member("title", finding.title);
    write_time(json, "since", finding.since);
    write_time(json, "closed", finding.closed);
    json.member("count", finding.count)
        .member("affects", finding.affects)
        .member("confidence", std::max(0, finding.confidence));
    write_check(json, "decisive", finding.decisive);
    write_check(json, "negative", finding.negative);
    json.member("explanation", finding.explanation).array("evidence");
    for (const Evidence& evidence : finding.evidence) {
        json.object();
        write_time(json, "at", evidence.at);
        const bool is_fact = evidence.code != engine::FactCode::None;
        json.member("text", evidence.text)
            .member("code", is_fact ? std::optional(engine::to_string(evidence.code)) : std::nullopt);
        write_link(json, evidence.link);
        json.end();
    }
    json.end();
    write_advice(json, finding.advice);
    json.end();
}

void write(JsonWriter& json, const Explanation& e) {
    json.object().member("reference", e.reference).member("known", e.known).member("stale", e.stale);
    write_time(json, "since", e.stale_since);
    json.member("severity", word(e.severity)).member("verdict", e.verdict).member("because", plain(e.because));
    json.array("stations");
    for (std::size_t i = 0; i < station_count; ++i) {
        const Station& station = e.stations[i];
        json.object()
            .member("station", to_string(static_cast<StationName>(i)))
            .member("reached", to_string(station.reached))
            .member("what", station.word);
        write_time(json, "at", station.at);
        json.member("text", plain(station.text)).member("source", station.source);
        write_link(json, station.link);
        json.end();
    }
    json.end();
    write_advice(json, e.advice);
    json.end();
}

} // namespace fhirscope::diagnosis
