#include "runtime/scopes.hpp"

namespace fhirscope::runtime {

bool may_update(std::string_view scopes, std::string_view type) {
    bool any = false;
    while (!scopes.empty()) {
        const std::string_view scope = scopes.substr(0, scopes.find(' '));
        scopes.remove_prefix(scope.size() < scopes.size() ? scope.size() + 1 : scopes.size());
        const auto slash = scope.find('/');
        const auto dot = scope.find('.', slash == std::string_view::npos ? 0 : slash);
        if (slash == std::string_view::npos || dot == std::string_view::npos) continue; // "openid"
        const std::string_view context = scope.substr(0, slash);
        if (context != "patient" && context != "user" && context != "system") continue;
        any = true;
        const std::string_view of = scope.substr(slash + 1, dot - slash - 1);
        const std::string_view letters = scope.substr(dot + 1, scope.find('?', dot) - dot - 1);
        if (of != "*" && of != type) continue;
        const bool second_version = letters.find_first_not_of("cruds") == std::string_view::npos;
        if (letters == "*" || letters == "write" || (second_version && letters.find('u') != std::string_view::npos))
            return true;
    }
    return !any;
}

} // namespace fhirscope::runtime
