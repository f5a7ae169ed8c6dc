#include "server/behaviour.hpp"

namespace fhirscope::server {

Behaviour default_behaviour() { return Behaviour::Medplum51; }

std::string_view to_string(Behaviour behaviour) {
    return behaviour == Behaviour::Medplum50 ? "medplum-5.0" : "medplum-5.1";
}

std::optional<Behaviour> parse_behaviour(std::string_view name) {
    for (const Behaviour behaviour : {Behaviour::Medplum50, Behaviour::Medplum51})
        if (name == to_string(behaviour)) return behaviour;
    return std::nullopt;
}

} // namespace fhirscope::server
