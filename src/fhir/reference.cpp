#include "fhir/reference.hpp"

#include "fhir/validate.hpp"

namespace fhirscope::fhir {

std::string_view local_reference(std::string_view reference) {
    // Mostly it is "Type/id" already.
    if (const std::size_t slash = reference.find('/'); slash != std::string_view::npos &&
                                                       is_valid_type(reference.substr(0, slash)) &&
                                                       is_usable_id(reference.substr(slash + 1)))
        return reference;
    if (const std::size_t history = reference.find("/_history/"); history != std::string_view::npos)
        reference = reference.substr(0, history);
    const std::size_t id_slash = reference.rfind('/');
    if (id_slash == std::string_view::npos || id_slash == 0) return {};
    const std::size_t type_slash = reference.rfind('/', id_slash - 1);
    const std::size_t type_begin = type_slash == std::string_view::npos ? 0 : type_slash + 1;
    if (!is_valid_type(reference.substr(type_begin, id_slash - type_begin)) ||
        !is_usable_id(reference.substr(id_slash + 1)))
        return {};
    return reference.substr(type_begin);
}

bool is_reference(std::string_view text) { return !text.empty() && local_reference(text) == text; }

std::string_view reference_id(std::string_view reference) {
    const std::string_view local = local_reference(reference);
    if (!local.empty()) return id_part(local);
    return is_usable_id(reference) ? reference : std::string_view{};
}

} // namespace fhirscope::fhir
