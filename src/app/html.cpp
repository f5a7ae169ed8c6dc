#include "app/html.hpp"

namespace fhirscope::app {

Html& Html::operator<<(std::string_view value) {
    for (const char c : fhir::harmless(value)) switch (c) {
            case '&':
                out_ += "&amp;";
                break;
            case '<':
                out_ += "&lt;";
                break;
            case '>':
                out_ += "&gt;";
                break;
            case '"':
                out_ += "&quot;";
                break;
            case '\'':
                out_ += "&#39;";
                break;
            default:
                out_ += c;
        }
    return *this;
}

} // namespace fhirscope::app
