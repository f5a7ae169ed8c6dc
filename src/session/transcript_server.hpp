#pragma once
// Which server a transcript is of: its address, where FHIR begins below it, and its way with subscriptions, as the
// traffic shows them.

#include "fhir/json.hpp"
#include "fhir/notification.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace fhirscope::session {

// "http://h:1/fhir/R4/Task" → "http://h:1/"; a socket's URL gives that of its server. "" where it is not absolute.
std::string base_of(std::string_view url);

class TranscriptServer {
public:
    // One line, as it was read.
    void see(const rapidjson::Value& line);

    std::string base_url() const;  // "" where nothing names it
    std::string fhir_path() const; // "fhir/R4/" where nothing tells
    fhir::Dialect dialect() const;

private:
    void see_url(std::string_view url);
    void see_frame(const rapidjson::Value& body, bool received);

    std::string first_base_, socket_base_;
    std::map<std::pair<std::string, std::string>, std::uint32_t> roots_; // address and path: how often
    std::array<std::uint32_t, 5> dialects_{};                            // by fhir::Dialect
};

} // namespace fhirscope::session
