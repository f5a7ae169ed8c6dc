#pragma once
// Which Medplum the server behaves as: 5.0.10 (PROTOCOL A1 to A13) or 5.1.26 (A14). Both were seen; the other dialects
// of ServerOptions::dialect share what is not about subscriptions.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fhirscope::sim {

enum class Behaviour : std::uint8_t { Medplum50, Medplum51 };
constexpr std::array all_behaviours{Behaviour::Medplum50, Behaviour::Medplum51};

constexpr std::string_view to_string(Behaviour behaviour) {
    return behaviour == Behaviour::Medplum50 ? "medplum-5.0" : "medplum-5.1";
}

constexpr std::optional<Behaviour> parse_behaviour(std::string_view name) {
    for (const Behaviour behaviour : all_behaviours)
        if (name == to_string(behaviour)) return behaviour;
    return std::nullopt;
}

} // namespace fhirscope::sim
