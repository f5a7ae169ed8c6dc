#include "query/conflict_fields.hpp"

#include "engine/strategy.hpp"
#include "fhir/reference.hpp"
#include "query/lookup.hpp"
#include "words/words.hpp"

namespace fhirscope::query {

using engine::Channel;
using engine::ConflictKind;
using engine::ConflictOutcome;

const Fields& conflict_fields() {
    // In the order of ConflictField.
    static const Fields fields(std::vector<Field>{
        {"kind",
         "What it is",
         ValueKind::Word,
         words_of<ConflictKind>(engine::conflict_kinds, [](ConflictKind kind) { return engine::to_string(kind); }),
         {},
         true},
        {"resource", "Type and id: Task/8d0c", ValueKind::Text, {}, {"reference"}, true},
        {"type", "Resource type", ValueKind::Text},
        {"id", "Id of the resource", ValueKind::Text},
        {"patient", "Name of the patient", ValueKind::Text, {}, {}, true},
        {"field", "Members that it is about", ValueKind::Text, {}, {"member"}, true},
        {"strategy", "What decided, or asks", ValueKind::Text, {}, {}, true},
        {"outcome",
         "What became of it",
         ValueKind::Word,
         words_of<ConflictOutcome>(engine::conflict_outcomes,
                                   [](ConflictOutcome outcome) { return engine::to_string(outcome); }),
         {},
         true},
        {"author", "Who made the server's version", ValueKind::Text},
        {"channel", "How the server's version came", ValueKind::Word,
         words_of<Channel>(engine::channel_count, [](Channel channel) { return engine::to_string(channel); })},
        {"open", "Whether it waits for a decision", ValueKind::YesNo},
        {"note", "What the server answered, what stands in the way", ValueKind::Text, {}, {}, true},
    });
    return fields;
}

std::string_view ConflictFacts::text(std::size_t field) const {
    const std::string_view reference = conflict_->reference;
    switch (static_cast<ConflictField>(field)) {
        case ConflictField::Kind:
            return engine::to_string(conflict_->kind);
        case ConflictField::Resource:
            return reference;
        case ConflictField::Type:
            return fhir::type_part(reference);
        case ConflictField::Id:
            return fhir::id_part(reference);
        case ConflictField::Patient:
            text_ = patient_of(*conflict_);
            return text_;
        case ConflictField::Field:
            text_.clear();
            for (const std::string& member : conflict_->members) text_ += (text_.empty() ? "" : "\n") + member;
            return text_;
        case ConflictField::Strategy:
            return engine::strategy_title(conflict_->strategy);
        case ConflictField::Outcome:
            return engine::to_string(conflict_->outcome);
        case ConflictField::Author:
            return conflict_->author;
        case ConflictField::Note:
            text_ = fhirscope::words::text(conflict_->note);
            return text_;
        default:
            return {};
    }
}

std::uint64_t ConflictFacts::words(std::size_t field) const {
    switch (static_cast<ConflictField>(field)) {
        case ConflictField::Kind:
            return bit(conflict_->kind);
        case ConflictField::Outcome:
            return bit(conflict_->outcome);
        default:
            return bit(conflict_->channel);
    }
}

std::optional<std::int64_t> ConflictFacts::number(std::size_t /*field*/) const { return conflict_->open() ? 1 : 0; }

} // namespace fhirscope::query
