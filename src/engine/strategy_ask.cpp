// A person decides.

#include "engine/strategy.hpp"

namespace fhirscope::engine {
namespace {

class Ask final : public Strategy {
public:
    std::string_view name() const override { return "ask"; }
    std::string_view title() const override { return "ask"; }
    std::optional<fhir::Side> decide(const Overlap&) const override { return std::nullopt; }
};

} // namespace

std::unique_ptr<Strategy> make_ask_strategy() { return std::make_unique<Ask>(); }

} // namespace fhirscope::engine
