#include "fhir/assert.hpp"

#include <string>
#include <string_view>

namespace fhirscope {

void impossible(const char* condition, std::source_location at) {
    // Where the checkout lies is nobody's business.
    std::string_view file = at.file_name();
    if (const auto begin = file.rfind("src/"); begin != file.npos) file.remove_prefix(begin);
    throw Impossible("this must hold, and does not: " + std::string(condition) + " (" + std::string(file) + ":" +
                     std::to_string(at.line()) + ")");
}

} // namespace fhirscope
