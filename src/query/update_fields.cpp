#include "query/update_fields.hpp"

#include "fhir/reference.hpp"
#include "query/lookup.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::query {

namespace {

std::vector<std::string> outcome_words() {
    auto words = words_of<engine::Outcome>(engine::outcome_count,
                                           [](engine::Outcome outcome) { return engine::to_string(outcome); });
    words.emplace_back("conflict");
    return words;
}

} // namespace

const Fields& update_fields() {
    // In the order of UpdateField.
    static const Fields fields(std::vector<Field>{
        {"type", "Resource type", ValueKind::Text, {}, {}, true},
        {"id", "Id of the resource", ValueKind::Text},
        {"resource", "Type and id: Task/8d0c", ValueKind::Text, {}, {"reference"}, true},
        {"version", "versionId", ValueKind::Text, {}, {}, true},
        {"subscription", "Name of the subscription it came by", ValueKind::Text, {}, {}, true},
        {"channel", "How it reached us", ValueKind::Word,
         words_of<engine::Channel>(engine::channel_count, [](engine::Channel c) { return engine::to_string(c); })},
        {"outcome", "What became of it", ValueKind::Word, outcome_words()},
        {"latency", "Changed at the server until applied here", ValueKind::Duration},
        {"transport", "Changed at the server until received", ValueKind::Duration},
        {"queued", "Received until taken from the queue", ValueKind::Duration},
        {"size", "Of the resource's text", ValueKind::Size},
        {"seq", "Number of the update", ValueKind::Number, {}, {"number"}},
        {"frame", "Number of the frame it came in", ValueKind::Number},
        {"deleted", "Whether it is a deletion", ValueKind::YesNo},
        {"reason", "Stage and reason of a rejection", ValueKind::Text},
    });
    return fields;
}

std::string rejection_of(const engine::Snapshot& snapshot, std::uint64_t number) {
    const engine::Rejection* rejection = find_rejection(snapshot, number);
    return rejection == nullptr ? std::string() : rejection->stage + ": " + fhirscope::words::text(rejection->reason);
}

std::string_view UpdateFacts::text(std::size_t field) const {
    switch (static_cast<UpdateField>(field)) {
        case UpdateField::Type:
            return type_named_by(snapshot_, number_);
        case UpdateField::Id:
            return fhir::id_part(named_by(snapshot_, number_));
        case UpdateField::Resource:
            return named_by(snapshot_, number_);
        case UpdateField::Version:
            return version_of(*row_);
        case UpdateField::Subscription:
            return subscription_of(snapshot_, row_->subscription);
        case UpdateField::Reason:
            text_ = row_->outcome == engine::Outcome::Rejected ? rejection_of(snapshot_, number_) : std::string();
            return text_;
        default:
            return {};
    }
}

std::uint64_t UpdateFacts::words(std::size_t field) const {
    if (static_cast<UpdateField>(field) == UpdateField::Channel) return bit(row_->channel);
    const bool conflict = conflicts_ != nullptr && conflicts_->of(number_) != nullptr;
    return bit(row_->outcome) | (conflict ? conflict_bit : 0);
}

std::optional<std::int64_t> UpdateFacts::number(std::size_t field) const {
    const auto count = [](const auto& duration) {
        return duration ? std::optional<std::int64_t>(duration->count()) : std::nullopt;
    };
    switch (static_cast<UpdateField>(field)) {
        case UpdateField::Latency:
            return count(latency_of(snapshot_, number_));
        case UpdateField::Transport:
            return count(transport_of(snapshot_, *row_));
        case UpdateField::Queued:
            return std::chrono::microseconds(std::max(row_->dequeued, row_->received) - row_->received).count();
        case UpdateField::Size:
            return row_->size;
        case UpdateField::Seq:
            return static_cast<std::int64_t>(number_);
        case UpdateField::Frame:
            return row_->frame == UINT64_MAX ? std::nullopt
                                             : std::optional<std::int64_t>(static_cast<std::int64_t>(row_->frame));
        case UpdateField::Deleted:
            return row_->deleted ? 1 : 0;
        default:
            return std::nullopt;
    }
}

std::vector<std::string> known_values(const engine::Snapshot& snapshot, std::string_view field) {
    std::vector<std::string> values;
    if (field == "type")
        for (const engine::StoreView& store : snapshot.stores) values.push_back(store.type);
    else if (field == "subscription")
        for (const engine::SubscriptionView& subscription : snapshot.subscriptions) values.push_back(subscription.name);
    return values;
}

} // namespace fhirscope::query
