#include "engine/strategy.hpp"

#include <utility>

namespace fhirscope::engine {
namespace {

std::vector<std::unique_ptr<Strategy>>& strategies() {
    static auto list = [] {
        std::vector<std::unique_ptr<Strategy>> built_in;
        built_in.push_back(make_ask_strategy());
        built_in.push_back(make_server_strategy());
        built_in.push_back(make_local_strategy());
        built_in.push_back(make_last_write_strategy());
        built_in.push_back(make_merge_strategy());
        built_in.push_back(make_furthest_strategy());
        return built_in;
    }();
    return list;
}

} // namespace

std::span<const std::unique_ptr<Strategy>> all_strategies() { return strategies(); }

const Strategy* find_strategy(std::string_view name) {
    for (const auto& strategy : strategies())
        if (strategy->name() == name) return strategy.get();
    return nullptr;
}

void add_strategy(std::unique_ptr<Strategy> strategy) { strategies().push_back(std::move(strategy)); }

} // namespace fhirscope::engine
