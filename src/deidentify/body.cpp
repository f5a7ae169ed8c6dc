#include "deidentify/body.hpp"

#include "deidentify/vocabulary.hpp"
#include "fhir/field_path.hpp"
#include "fhir/json.hpp"
#include "fhir/reference.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::deidentify {

namespace {

constexpr std::size_t deepest = 64; // as the engine reads

// Read as the engine reads it, and by the tree's reader: what one of them takes is JSON.
bool is_json(std::string_view text) {
    fhir::Limits limits = fhir::answer_limits();
    limits.max_depth = deepest;
    limits.max_members = limits.max_entries = text.size();
    return fhir::parse_json(text, limits).has_value() || fhir::parse_resource(text, limits).has_value();
}

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

} // namespace

std::string BodyRewriter::text(std::string_view text) {
    if (text.starts_with(byte_order_mark))
        return std::string(byte_order_mark) + this->text(text.substr(byte_order_mark.size()));
    const std::size_t begin = fhir::skip_space(text, 0);
    if (begin == text.size()) return std::string(text.substr(0, std::min<std::size_t>(text.size(), 1)));
    if (text[begin] != '{' && text[begin] != '[') return plain(text);
    if (!is_json(text)) return broken(text);
    std::string out;
    out.reserve(text.size());
    value({.shift = replacer_.shift_of_none()}, fhir::value_in(text), out);
    return out;
}

// Cannot be read, and cannot be read as what it becomes.
std::string BodyRewriter::broken(std::string_view text) {
    return std::string(1, text[fhir::skip_space(text, 0)]) + replacer_.message(text);
}

std::string BodyRewriter::plain(std::string_view text) {
    if (text[fhir::skip_space(text, 0)] == '<') return "<html>" + replacer_.words(text) + "</html>";
    // "add 123" and a resource below it (HAPI).
    if (const auto end = text.find('\n'); end != text.npos) {
        const std::string_view rest = text.substr(end + 1);
        return replacer_.line(text.substr(0, end)) + '\n' + (rest.empty() ? std::string() : this->text(rest));
    }
    return replacer_.line(text);
}

void BodyRewriter::value(Place place, fhir::Slice slice, std::string& out) {
    using Kind = fhir::Slice::Kind;
    switch (slice.kind()) {
        case Kind::Object:
            object(place, slice, out);
            break;
        case Kind::Array: {
            out += '[';
            bool first = true;
            slice.each_element([&](fhir::Slice element) {
                if (!first) out += ',';
                first = false;
                value(place, element, out);
            });
            out += ']';
            break;
        }
        case Kind::String:
            out += fhir::quote(replacer_.value(place, slice.string()));
            break;
        case Kind::Number:
            out += replacer_.number(place, slice.text());
            break;
        case Kind::Bool:
        case Kind::Null:
            out += slice.text();
            break;
        case Kind::None:
            out += "null";
            break;
    }
}

void BodyRewriter::object(Place place, fhir::Slice slice, std::string& out) {
    const std::string type = slice.member("resourceType").string();
    const std::string part =
        place.name == "parameter" || place.name == "part" ? slice.member("name").string() : std::string(place.part);
    Place inside = place;
    inside.parent = place.name;
    inside.object = slice;
    inside.part = part;
    if (!type.empty()) {
        inside.type = type;
        // What is contained is of whom the resource around it is.
        if (place.name != "contained") inside.shift = shift_of(type, slice);
    }
    out += '{';
    bool first = true;
    slice.each_member([&](std::string_view raw_name, fhir::Slice member) {
        if (!first) out += ',';
        first = false;
        const std::string name = fhir::unescape(raw_name);
        out += fhir::quote(replacer_.member(name));
        out += ':';
        const std::string_view plain_name =
            std::string_view(name).starts_with('_') ? std::string_view(name).substr(1) : std::string_view(name);
        Place at = inside;
        at.name = plain_name;
        value(at, member, out);
    });
    out += '}';
}

std::string BodyRewriter::patient_of(std::string_view type, fhir::Slice resource) {
    if (type == "Patient") return resource.member("id").string();
    for (const char* name : {"subject", "patient", "for", "beneficiary", "individual"}) {
        const std::string reference = resource.member(name).member("reference").string();
        const std::string_view local = fhir::local_reference(reference);
        if (fhir::type_part(local) == "Patient") return std::string(fhir::id_part(local));
    }
    return {};
}

std::chrono::days BodyRewriter::shift_of(std::string_view type, fhir::Slice resource) {
    const std::string patient = patient_of(type, resource);
    if (patient.empty()) return replacer_.shift_of_none();
    const auto shift = replacer_.shift_of(patient);
    if (shifts_.size() < most_known)
        shifts_.insert_or_assign(std::string(type) + '/' + resource.member("id").string(), shift);
    return shift;
}

std::chrono::days BodyRewriter::shift_at(std::string_view reference) const {
    const auto known = shifts_.find(std::string(reference));
    return known == shifts_.end() ? replacer_.shift_of_none() : known->second;
}

std::string BodyRewriter::value_of(std::string_view reference, std::string_view parent, std::string_view name,
                                   std::string_view json) {
    if (json.empty()) return {};
    if (!fhir::parse_json("[" + std::string(json) + "]")) return "null";
    std::string out;
    value({.name = name, .parent = parent, .type = fhir::type_part(reference), .shift = shift_at(reference)},
          fhir::value_in(json), out);
    return out;
}

std::string BodyRewriter::field_path(std::string_view reference, std::string_view path) {
    const auto steps = fhir::parse_field_path(path);
    if (!steps) return replacer_.member(path);
    std::string out;
    for (const fhir::FieldStep& step : *steps) {
        if (!out.empty()) out += '.';
        out += replacer_.member(step.name);
        if (step.place == fhir::FieldStep::Place::Index) out += '[' + std::to_string(step.index) + ']';
        if (step.place == fhir::FieldStep::Place::Append) out += "[+]";
        if (step.place != fhir::FieldStep::Place::Identity) continue;
        std::string inside;
        for (std::string_view rest = step.identity; !rest.empty();) {
            const auto end = std::min(rest.find(','), rest.size());
            const std::string_view pair = rest.substr(0, end);
            const auto equals = std::min(pair.find('='), pair.size());
            const std::string name(pair.substr(0, equals));
            inside += (inside.empty() ? "" : ",") + replacer_.member(name);
            if (equals < pair.size())
                inside += '=' + replacer_.value({.name = name,
                                                 .parent = step.name,
                                                 .type = fhir::type_part(reference),
                                                 .shift = shift_at(reference)},
                                                std::string(pair.substr(equals + 1)));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        out += '[' + inside + ']';
    }
    return out;
}

} // namespace fhirscope::deidentify
