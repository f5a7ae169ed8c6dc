#include "gui/views/log/colours.hpp"

#include "query/update_fields.hpp"

namespace fhirscope::gui {

void LogColours::update(const std::vector<ColouringRule>& rules) {
    if (rules == rules_) {
        return;
    }
    rules_ = rules;
    read_.clear();
    for (const ColouringRule& rule : rules) {
        // An empty filter is a rule that is being written: it would colour everything.
        if (!rule.on || rule.filter.find_first_not_of(' ') == std::string::npos) {
            continue;
        }
        if (auto query = query::Query::parse(rule.filter, query::update_fields())) {
            read_.push_back({std::move(*query), rule.look});
        }
    }
}

std::optional<RuleLook> LogColours::of(const query::Facts& facts) const {
    for (const Rule& rule : read_) {
        if (rule.query.matches(facts)) {
            return rule.look;
        }
    }
    return std::nullopt;
}

LookColours look_colours(const Palette& palette, RuleLook look) {
    switch (look) {
        case RuleLook::strong:
            return {Mark::info, 0, palette.t3, palette.t1};
        case RuleLook::faint:
            return {std::nullopt, 0, 0, palette.t4};
        case RuleLook::live:
            return {Mark::live, palette.tlive2, palette.live, 0};
        case RuleLook::ok:
            return {Mark::ok, palette.tok, palette.ok, 0};
        case RuleLook::attention:
            return {Mark::attention, palette.tatt, palette.attm, 0};
        case RuleLook::error:
            return {Mark::error, palette.terr, palette.err, 0};
        case RuleLook::conflict:
            return {Mark::conflict, palette.tcon, palette.con, 0};
    }
    return {};
}

} // namespace fhirscope::gui
