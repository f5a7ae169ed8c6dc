#include "gui/views/log/colors.hpp"
#include "query/update_fields.hpp"

namespace fhirscope::gui {

void LogColors::update(const std::vector<ColoringRule>& rules) {
    if (rules == rules_) return;
    rules_ = rules;
    read_.clear();
    for (const ColoringRule& rule : rules) {
        // An empty filter is a rule that is being written: it would color everything.
        if (!rule.on || rule.filter.find_first_not_of(' ') == std::string::npos) continue;
        if (auto query = query::Query::parse(rule.filter, query::update_fields()))
            read_.push_back({std::move(*query), rule.look});
    }
}

std::optional<RuleLook> LogColors::of(const query::Facts& facts) const {
    for (const Rule& rule : read_)
        if (rule.query.matches(facts)) return rule.look;
    return std::nullopt;
}

LookColors look_colors(const Palette& palette, RuleLook look) {
    switch (look) {
        case RuleLook::Strong:
            return {Mark::Info, 0, palette.t3, palette.t1};
        case RuleLook::Faint:
            return {std::nullopt, 0, 0, palette.t4};
        case RuleLook::Live:
            return {Mark::Live, palette.tlive2, palette.live, 0};
        case RuleLook::Ok:
            return {Mark::Ok, palette.tok, palette.ok, 0};
        case RuleLook::Attention:
            return {Mark::Attention, palette.tatt, palette.attm, 0};
        case RuleLook::Error:
            return {Mark::Error, palette.terr, palette.err, 0};
        case RuleLook::Conflict:
            return {Mark::Conflict, palette.tcon, palette.con, 0};
    }
    return {};
}

} // namespace fhirscope::gui
