// Addresses, references and criteria: each part by what it is.

#include "deidentify/replacer.hpp"
#include "deidentify/vocabulary.hpp"
#include "fhir/ascii.hpp"
#include "fhir/partial_date.hpp"
#include "fhir/percent.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::deidentify {

namespace {

constexpr std::array<std::string_view, 9> prefixes{"eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap"};

// Gives the parts between the separators, and puts what they become together again.
template <class Map>
std::string each_part(std::string_view text, char separator, Map map) {
    std::string out;
    for (;;) {
        const auto end = text.find(separator);
        out += map(text.substr(0, end));
        if (end == text.npos) return out;
        out += separator;
        text.remove_prefix(end + 1);
    }
}

bool is_short_number(std::string_view text) {
    return !text.empty() && text.size() <= 6 && std::ranges::all_of(text, fhir::is_digit);
}

bool is_loopback(std::string_view host) { return host == "127.0.0.1" || host == "localhost" || host == "[::1]"; }

} // namespace

std::string Replacer::address(std::string_view url) {
    if (url.empty() || is_hidden(url) || is_public_url(url)) return std::string(url);
    if (url.starts_with("urn:uuid:")) return "urn:uuid:" + id(url.substr(9));
    if (url.starts_with("urn:oid:")) return "urn:oid:" + identifier(url.substr(8));
    if (url.front() == '#') return url.size() == 1 ? "#" : "#" + id(url.substr(1));
    ++counts_.addresses;
    std::string out;
    if (const auto scheme = url.find("://"); scheme != url.npos && scheme <= 5) {
        const std::string_view name = url.substr(0, scheme);
        if (name != "http" && name != "https" && name != "ws" && name != "wss") return words(url);
        out = std::string(name) + "://";
        url.remove_prefix(scheme + 3);
        const auto end = std::min(url.find_first_of("/?#"), url.size());
        out += host(url.substr(0, end));
        url.remove_prefix(end);
    }
    const auto fragment = std::min(url.find('#'), url.size());
    const auto question = std::min(url.substr(0, fragment).find('?'), fragment);
    out += path(url.substr(0, question));
    if (question < fragment) out += '?' + query(url.substr(question + 1, fragment - question - 1));
    if (fragment < url.size()) out += '#' + id(url.substr(fragment + 1));
    return out;
}

std::string Replacer::host(std::string_view authority) {
    if (const auto user = authority.rfind('@'); user != authority.npos) authority.remove_prefix(user + 1);
    const auto colon = authority.ends_with(']') ? authority.npos : authority.rfind(':');
    const std::string_view name = authority.substr(0, colon);
    std::string out = is_loopback(name) ? std::string(name) : invention_.code(fhir::lower_ascii(name)) + ".example";
    if (colon != authority.npos && is_short_number(authority.substr(colon + 1))) out += authority.substr(colon);
    return out;
}

std::string Replacer::path(std::string_view path) {
    std::string before;
    return each_part(path, '/', [&](std::string_view part) {
        const std::string plain = fhir::percent_decode(part);
        const std::string out = segment(plain, before);
        before = plain;
        return out == plain ? std::string(part) : fhir::percent_encode(out);
    });
}

std::string Replacer::segment(std::string_view segment, std::string_view before) {
    if (segment.empty() || is_hidden(segment)) return std::string(segment);
    if (before == "_history") return version(segment);
    if (!is_type(before) && is_type(segment)) return std::string(segment);
    if (is_path_word(segment)) return std::string(segment);
    if (is_type(before)) return id(segment);
    return type(segment); // one of a server's own, or an id
}

std::string Replacer::query(std::string_view query) {
    return each_part(
        query, '&',
        [&](std::string_view pair) -> std::string {
            const auto equals = pair.find('=');
            const std::string name = fhir::percent_decode(pair.substr(0, equals));
            const std::string new_name = parameter_name(name);
            std::string out = new_name == name ? std::string(pair.substr(0, equals)) : fhir::percent_encode(new_name);
            if (equals == pair.npos) return out;
            const std::string_view raw = pair.substr(equals + 1);
            const std::string value = fhir::percent_decode(raw);
            const std::string new_value = parameter_value(name, value);
            out += '=';
            return out +=
                   new_value == value ? std::string(raw) : fhir::percent_encode(new_value, fhir::plain_in_search);
        });
}

std::string Replacer::parameter_name(std::string_view name) {
    return each_part(
        name, ':',
        [&](std::string_view with_chain) {
            return each_part(
                with_chain, '.',
                [&](std::string_view part) {
                    const bool known = is_search_parameter(part) || is_type(part) || is_code(part) || part.empty() ||
                                       part == "not" || part == "missing" || part == "exact" || part == "contains" ||
                                       part == "in" || part == "not-in";
                    return known ? std::string(part) : member(part);
                });
        });
}

std::string Replacer::parameter_value(std::string_view name, std::string_view value) {
    const std::string_view plain_name = name.substr(0, name.find(':'));
    if (plain_name == "_lastUpdated" || plain_name == "_since" || plain_name == "_at" || plain_name == "_before") {
        return each_part(
            value, ',',
            [&](std::string_view part) {
                const bool has_prefix = std::ranges::find(prefixes, part.substr(0, 2)) != prefixes.end();
                const std::string_view prefix = part.substr(0, has_prefix ? 2 : 0);
                return std::string(prefix) + transport_date(part.substr(prefix.size()));
            });
    }
    if (plain_name.starts_with('_') && plain_name != "_id" && plain_name != "_has" && plain_name != "_text" &&
        plain_name != "_content" && plain_name != "_tag" && plain_name != "_compartment")
        return control_value(value);
    if (plain_name == "criteria" || plain_name == "url") return address(value);
    return each_part(value, ',', [&](std::string_view part) { return parameter_part(plain_name, part); });
}

// Of what only arranges the answer: names, numbers, and a server's own marks.
std::string Replacer::control_value(std::string_view value) {
    return each_part(
        value, ',',
        [&](std::string_view list) {
            return each_part(
                list, ':',
                [&](std::string_view part) {
                    const std::string_view name = part.starts_with('-') ? part.substr(1) : part;
                    const bool known = name.empty() || is_search_parameter(name) || is_type(name) || is_code(name) ||
                                       is_path_word(name) || is_short_number(name) || name == "data" ||
                                       name == "accurate" || name == "none" || name == "count" || is_hidden(name);
                    return known ? std::string(part) : is_uuid(part) ? id(part) : identifier(part);
                });
        });
}

std::string Replacer::parameter_part(std::string_view name, std::string_view part) {
    if (part.empty() || is_hidden(part)) return std::string(part);
    if (const auto bar = part.find('|'); bar != part.npos) {
        const std::string_view system = part.substr(0, bar), value = part.substr(bar + 1);
        return address(system) + '|' + (name == "identifier" ? identifier(value) : code(value, system));
    }
    const bool has_prefix =
        part.size() > 2 && fhir::is_digit(part[2]) && std::ranges::find(prefixes, part.substr(0, 2)) != prefixes.end();
    const std::string_view prefix = part.substr(0, has_prefix ? 2 : 0), rest = part.substr(prefix.size());
    const auto date = fhir::read_partial_date(rest);
    if (date && (has_prefix || date->precision >= fhir::Precision::Month))
        if (const auto moved = shifted_date(rest, shift_of_none(), oldest_)) {
            ++counts_.dates;
            return std::string(prefix) + *moved;
        }
    if (name == "identifier") return identifier(part);
    if (name == "family" || name == "given") return invention_.name(part);
    if (name == "phone" || name == "email" || name == "telecom") return contact(part);
    if (is_uuid(part) || name == "_id") return id(part);
    if (const auto slash = part.find('/'); slash != part.npos) return address(part);
    if (name == "subject" || name == "patient" || name == "owner" || name == "requester" || name == "performer" ||
        name == "encounter" || name == "focus" || name == "author" || name == "recipient" || name == "actor")
        return is_code(part) ? std::string(part) : id(part);
    return code(part, "");
}

} // namespace fhirscope::deidentify
