// Keeps what can be kept of both: of fields that belong together each side's own changes, of lists both sides'
// elements. Where both changed one and the same value, a person decides.

#include "engine/strategy.hpp"

namespace fhirscope::engine {
namespace {

class MergeBoth final : public Strategy {
public:
    std::string_view name() const override { return "merge"; }
    std::string_view title() const override { return "merge"; }
    std::optional<fhir::Side> decide(const Overlap&) const override { return fhir::Side::Both; }
};

} // namespace

std::unique_ptr<Strategy> make_merge_strategy() { return std::make_unique<MergeBoth>(); }

} // namespace fhirscope::engine
