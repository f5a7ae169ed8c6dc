#include "query/query.hpp"

#include "query/text.hpp"

#include <algorithm>

namespace fhirscope::query {

namespace {

bool holds(Comparison comparison, int order) {
    switch (comparison) {
        case Comparison::Contains:
        case Comparison::Equal:
            return order == 0;
        case Comparison::Differs:
            return order != 0;
        case Comparison::Greater:
            return order > 0;
        case Comparison::AtLeast:
            return order >= 0;
        case Comparison::Less:
            return order < 0;
        case Comparison::AtMost:
            return order <= 0;
    }
    return false;
}

// Whether the test holds for one of the values, which line feeds part.
template <class Test>
bool any_value(std::string_view text, Test test) {
    while (true) {
        const std::size_t end = text.find('\n');
        if (test(text.substr(0, end))) return true;
        if (end == std::string_view::npos) return false;
        text.remove_prefix(end + 1);
    }
}

bool text_matches(std::string_view value, Comparison comparison, std::string_view lower) {
    if (comparison == Comparison::Contains) return contains_folded(value, lower);
    const bool same = any_value(value, [&](std::string_view one) { return equals_folded(one, lower); });
    return same == (comparison == Comparison::Equal);
}

// As far as the date is written: 2026-02 is the whole month.
bool date_matches(std::string_view value, Comparison comparison, std::string_view wanted) {
    return !value.empty() &&
           any_value(
               value,
               [&](std::string_view one) { return holds(comparison, one.substr(0, wanted.size()).compare(wanted)); });
}

} // namespace

bool Query::matches(const Facts& facts, const Node& node) const {
    const auto child = [&](std::size_t at) { return matches(facts, nodes_[at]); };
    switch (node.kind) {
        case Kind::Any:
            return std::any_of(node.children.begin(), node.children.end(), child);
        case Kind::All:
            return std::all_of(node.children.begin(), node.children.end(), child);
        case Kind::Negation:
            return !child(node.children[0]);
        case Kind::Bare:
            return std::any_of(bare_.begin(), bare_.end(),
                               [&](std::size_t field) { return contains_folded(facts.text(field), node.text); });
        case Kind::Compare:
            break;
    }
    switch (node.value) {
        case ValueKind::Text:
            return text_matches(facts.text(node.field), node.comparison, node.text);
        case ValueKind::Date:
            return date_matches(facts.text(node.field), node.comparison, node.text);
        case ValueKind::Word: {
            const bool is = (facts.words(node.field) >> static_cast<unsigned>(node.number) & 1) != 0;
            return is == (node.comparison != Comparison::Differs);
        }
        default: {
            const auto value = facts.number(node.field);
            return value && holds(node.comparison, *value < node.number ? -1 : *value > node.number ? 1 : 0);
        }
    }
}

bool Query::uses(std::size_t field) const {
    return std::any_of(
        nodes_.begin(), nodes_.end(),
        [&](const Node& node) {
            return (node.kind == Kind::Compare && node.field == field) ||
                   (node.kind == Kind::Bare && std::find(bare_.begin(), bare_.end(), field) != bare_.end());
        });
}

std::string Query::canonical() const {
    std::string out;
    if (!nodes_.empty()) canonical(nodes_[root_], false, out);
    return out;
}

void Query::canonical(const Node& node, bool nested, std::string& out) const {
    if (node.kind == Kind::Negation) {
        out += "!";
        canonical(nodes_[node.children[0]], true, out);
        return;
    }
    if (node.kind != Kind::Any && node.kind != Kind::All) {
        out += node.source;
        return;
    }
    out += nested ? "(" : "";
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        out += i == 0 ? "" : node.kind == Kind::Any ? " | " : " & ";
        canonical(nodes_[node.children[i]], true, out);
    }
    out += nested ? ")" : "";
}

std::size_t column_of(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    return static_cast<std::size_t>(std::count_if(
        before.begin(), before.end(), [](char ch) { return (static_cast<unsigned char>(ch) & 0xc0) != 0x80; }));
}

fhir::Text with_caret(std::string_view text, std::size_t offset) {
    const std::string before = fhir::harmless(text.substr(0, offset));
    fhir::Text lines;
    lines << text << "\n" << std::string(column_of(before, before.size()), ' ') << "^";
    return lines;
}

} // namespace fhirscope::query
