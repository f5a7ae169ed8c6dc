#pragma once
// Which dialect a server speaks, read from its CapabilityStatement before the engine starts (PROTOCOL H9). What is
// found goes into the engine's configuration, which is its first input, so a recording holds it.

#include "engine/dialect_config.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::runtime {

struct Probed {
    engine::DialectConfig config;
    std::string evidence;               // "software \"medplum\"", …; what a person should know of the choice
    bool topics_by_search = false;      // no topic is known by its URL alone
    std::vector<engine::Topic> guessed; // those of config.topics of which only the name says the type
};

// `given`: the person's choice, which stands; only the details are read then. `types` are those subscribed to: a topic
// that is known by its URL alone belongs to the type with which the last part of the URL begins. Text that is no
// CapabilityStatement gives the choice, or Medplum, and says so.
Probed read_capabilities(std::string_view metadata, std::optional<fhir::Dialect> given,
                         const std::vector<std::string>& types);

// From the searchset of SubscriptionTopic (R4B, R5): one for each trigger.
std::vector<engine::Topic> read_topics(std::string_view searchset);
// What the topics themselves say stands against what their names seem to say.
void take_topics(Probed& probed, std::string_view searchset);

} // namespace fhirscope::runtime
