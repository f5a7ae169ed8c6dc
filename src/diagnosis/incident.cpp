#include "diagnosis/incident.hpp"

namespace fhirscope::diagnosis {

std::string_view to_string(Effect effect) {
    switch (effect) {
        case Effect::RealTime:
            return "real-time";
        case Effect::Hearing:
            return "hearing";
        case Effect::Login:
            return "login";
        case Effect::Access:
            return "access";
        case Effect::Requests:
            return "requests";
        case Effect::Delivery:
            return "delivery";
        case Effect::Agreement:
            return "agreement";
        case Effect::Order:
            return "order";
        case Effect::Load:
            return "load";
        case Effect::Data:
            return "data";
        case Effect::Write:
            return "write";
        case Effect::Setup:
            return "setup";
    }
    return "?";
}

std::string_view to_string(IncidentState state) {
    switch (state) {
        case IncidentState::GoingOn:
            return "going-on";
        case IncidentState::Repaired:
            return "repaired";
        case IncidentState::Ended:
            return "ended";
        case IncidentState::NotKnown:
            return "not-known";
    }
    return "?";
}

} // namespace fhirscope::diagnosis
