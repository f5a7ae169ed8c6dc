#include "diagnosis/report_parts.hpp"

#include "fhir/time.hpp"

#include <chrono>
#include <optional>

namespace fhirscope::diagnosis {

using fhir::JsonWriter;

std::string instant_text(LocalTime at) {
    return fhir::format_instant(ServerTime(std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch())));
}

std::string plain_text(std::string text) {
    std::erase(text, '`');
    return text;
}

void add_link(fhir::Text& text, const Link& link) {
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

void add_advice(fhir::Text& text, const std::vector<Advice>& all, std::string_view indent) {
    for (std::size_t i = 0; i < all.size(); ++i)
        text << indent << i + 1 << ". " << all[i].text << ". " << all[i].effect << "\n";
}

void write_time(JsonWriter& json, std::string_view member, LocalTime at) {
    if (at == LocalTime{})
        json.null(member);
    else
        json.member(member, instant_text(at));
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

void write_evidence(JsonWriter& json, const std::vector<Evidence>& all) {
    json.array("evidence");
    for (const Evidence& evidence : all) {
        json.object();
        write_time(json, "at", evidence.at);
        const bool is_fact = evidence.code != engine::FactCode::None;
        json.member("text", evidence.text)
            .member("code", is_fact ? std::optional(engine::to_string(evidence.code)) : std::nullopt);
        write_link(json, evidence.link);
        json.end();
    }
    json.end();
}

void write_advice(JsonWriter& json, const std::vector<Advice>& all) {
    json.array("advice");
    for (const Advice& advice : all) json.object().member("do", advice.text).member("effect", advice.effect).end();
    json.end();
}

} // namespace fhirscope::diagnosis
