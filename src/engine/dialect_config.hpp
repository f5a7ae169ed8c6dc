#pragma once
// What an engine is told of the server's way with subscriptions: by the command line, or found by probing before Start.

#include "fhir/fields.hpp"
#include "fhir/notification.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace fhirscope::engine {

// The bind frame of the standard is not defined (PROTOCOL B4); servers differ.
enum class BindStyle : std::uint8_t {
    TextSpace,   // "bind-with-token TOKEN"
    TextColon,   // "bind-with-token: TOKEN"
    MedplumJson, // as on Medplum
    Template,    // DialectConfig::bind_template
};

// A SubscriptionTopic that the server offers for a resource type.
struct Topic {
    std::string type, url;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, type, url);
    }
};

struct DialectConfig {
    fhir::Dialect dialect = fhir::Dialect::Medplum;
    BindStyle bind_style = BindStyle::TextSpace; // of the R4 backport, R4B and R5
    std::string bind_template;                   // with "{token}"
    std::string socket_url;                      // "ws://…": HAPI names it in its metadata; "": below base_url
    std::vector<Topic> topics;
    fhir::Payload content = fhir::Payload::Full; // asked for; a server may give less
    bool has_events = true;                      // $events is offered
    std::chrono::milliseconds gap_grace{1'000};  // an event whose number was jumped may still come for so long (B2)

    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, dialect, bind_style, bind_template, socket_url, topics, content, has_events, gap_grace);
    }
};

} // namespace fhirscope::engine
