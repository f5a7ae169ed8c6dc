// What is on the server stands.

#include "engine/strategy.hpp"

namespace fhirscope::engine {
namespace {

class TakeServer final : public Strategy {
public:
    std::string_view name() const override { return "server"; }
    std::string_view title() const override { return "take server"; }
    std::optional<fhir::Side> decide(const Overlap&) const override { return fhir::Side::Server; }
};

} // namespace

std::unique_ptr<Strategy> make_server_strategy() { return std::make_unique<TakeServer>(); }

} // namespace fhirscope::engine
