// The local edit is written over the server's value.

#include "engine/strategy.hpp"

namespace fhirscope::engine {
namespace {

class KeepLocal final : public Strategy {
public:
    std::string_view name() const override { return "local"; }
    std::string_view title() const override { return "keep local"; }
    std::optional<fhir::Side> decide(const Overlap&) const override { return fhir::Side::Local; }
};

} // namespace

std::unique_ptr<Strategy> make_local_strategy() { return std::make_unique<KeepLocal>(); }

} // namespace fhirscope::engine
