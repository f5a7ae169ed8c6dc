// Last write wins, by the server's time. Without both times a person decides: to guess would lose an edit silently.

#include "engine/strategy.hpp"

namespace fhirscope::engine {
namespace {

class LastWrite final : public Strategy {
public:
    std::string_view name() const override { return "newest"; }
    std::string_view title() const override { return "newest wins"; }
    std::optional<fhir::Side> decide(const Overlap& overlap) const override {
        if (!overlap.edited || !overlap.changed) return std::nullopt;
        return *overlap.edited > *overlap.changed ? fhir::Side::Local : fhir::Side::Server;
    }
};

} // namespace

std::unique_ptr<Strategy> make_last_write_strategy() { return std::make_unique<LastWrite>(); }

} // namespace fhirscope::engine
