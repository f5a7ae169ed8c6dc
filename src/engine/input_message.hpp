#pragma once
// Inputs as messages: what inputs hold that message.hpp has to be told of.

#include "engine/input.hpp"
#include "engine/message.hpp"

namespace fhirscope::engine {

// Each is followed when an enumerator is appended; a test tells when one was forgotten.
template <>
struct LastOf<Mode> {
    static constexpr Mode value = Mode::Observe;
};
template <>
struct LastOf<fhir::Dialect> {
    static constexpr fhir::Dialect value = fhir::Dialect::Hapi;
};
template <>
struct LastOf<BindStyle> {
    static constexpr BindStyle value = BindStyle::Template;
};
template <>
struct LastOf<fhir::Payload> {
    static constexpr fhir::Payload value = fhir::Payload::Full;
};
template <>
struct LastOf<ColumnKind> {
    static constexpr ColumnKind value = ColumnKind::Reference;
};
template <>
struct LastOf<Failure> {
    static constexpr Failure value = Failure::Hidden;
};
template <>
struct LastOf<EditMethod> {
    static constexpr EditMethod value = EditMethod::Patch;
};
template <>
struct LastOf<Resolve::Action> {
    static constexpr Resolve::Action value = Resolve::Action::RollBack;
};
template <>
struct LastOf<fhir::Side> {
    static constexpr fhir::Side value = fhir::Side::Both;
};

} // namespace fhirscope::engine
