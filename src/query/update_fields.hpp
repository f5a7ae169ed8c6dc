#pragma once
// What a filter can ask about an update of the log.

#include "engine/snapshot.hpp"
#include "query/conflict_rows.hpp"
#include "query/fields.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace fhirscope::query {

enum class UpdateField : std::uint8_t {
    Type,
    Id,
    Resource,
    Version,
    Subscription,
    Channel,
    Outcome,
    Latency,
    Transport,
    Queued,
    Size,
    Seq,
    Frame,
    Deleted,
    Reason
};

const Fields& update_fields();
// Beside the engine's outcomes an update may belong to a conflict: it then has both words.
constexpr std::uint64_t conflict_bit = std::uint64_t{1} << engine::outcome_count;

class UpdateFacts final : public Facts {
public:
    // Both must outlive it. Without conflicts no update belongs to one.
    UpdateFacts(const engine::Snapshot& snapshot, const ConflictRows* conflicts)
        : snapshot_(snapshot), conflicts_(conflicts) {}
    // Which row is asked about.
    UpdateFacts& at(std::uint64_t number) {
        number_ = number;
        row_ = &snapshot_.updates[number];
        return *this;
    }

    std::string_view text(std::size_t field) const override;
    std::uint64_t words(std::size_t field) const override;
    std::optional<std::int64_t> number(std::size_t field) const override;

private:
    const engine::Snapshot& snapshot_;
    const ConflictRows* conflicts_;
    const engine::UpdateRow* row_ = nullptr;
    std::uint64_t number_ = 0;
    mutable std::string text_;
};

// Why an update was rejected: "validate: …"; "" for others.
std::string rejection_of(const engine::Snapshot& snapshot, std::uint64_t number);

// Values that this session has, for completion: of the type and the subscription; empty for other fields.
std::vector<std::string> known_values(const engine::Snapshot& snapshot, std::string_view field);

} // namespace fhirscope::query
