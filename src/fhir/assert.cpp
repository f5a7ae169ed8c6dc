#include "fhir/assert.hpp"

#include <string>
#include <string_view>

namespace fhirscope {

void impossible(const char* condition, const char* path, int line) {
    // Where the checkout lies is nobody's business.
    std::string_view file = path;
    if (const auto begin = file.rfind("src/"); begin != file.npos) file.remove_prefix(begin);
    throw Impossible("this must hold, and does not: " + std::string(condition) + " (" + std::string(file) + ":" +
                     std::to_string(line) + ")");
}

} // namespace fhirscope
