#include "engine/core/dialect_traits.hpp"

namespace fhirscope::engine {

using fhir::Dialect;

bool numbers_events(const Config& config) {
    return survives_disconnect(config) && config.dialect.dialect != Dialect::Hapi;
}
bool survives_disconnect(const Config& config) { return config.dialect.dialect != Dialect::Medplum; }
bool needs_token(const Config& config) { return config.dialect.dialect != Dialect::Hapi; }
bool tells_deletions(const Config& config) { return config.dialect.dialect != Dialect::Medplum; }
bool sends_ping(const Config& config) { return config.dialect.dialect == Dialect::Medplum; }
bool heartbeats_list_all(const Config& config) { return config.dialect.dialect == Dialect::Medplum; }
bool unbinds(const Config& config) {
    return config.dialect.dialect == Dialect::Medplum ||
           (config.dialect.dialect != Dialect::Hapi && config.dialect.bind_style == BindStyle::MedplumJson);
}
bool hides_by_404(const Config& config) {
    return config.dialect.dialect == Dialect::Medplum || config.dialect.dialect == Dialect::Hapi;
}

bool turns_off(const Config& config) { return config.dialect.dialect != Dialect::Medplum; }
bool proves_bind_late(const Config& config) { return numbers_events(config); }
fhir::MatchMode match_mode(const Config& config) {
    return config.dialect.dialect == Dialect::Medplum ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
}

} // namespace fhirscope::engine
