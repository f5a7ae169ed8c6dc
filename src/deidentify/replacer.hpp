#pragma once
// What each single value becomes, by where it stands. Whatever is not known to be harmless is replaced.

#include "deidentify/dates.hpp"
#include "deidentify/id_map.hpp"
#include "deidentify/invention.hpp"
#include "fhir/slice.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace fhirscope::deidentify {

// Where a value stands.
struct Place {
    std::string_view name{};   // of the innermost member; "" in no member
    std::string_view parent{}; // of the one around it
    std::string_view type{};   // of the resource
    std::string_view part{};   // of Parameters: the name of the parameter
    fhir::Slice object{};      // that has the member
    std::chrono::days shift{0};
};

// What was replaced, counted.
struct Counts {
    std::uint64_t ids = 0, texts = 0, identifiers = 0, addresses = 0, dates = 0, codes = 0, numbers = 0, members = 0,
                  attachments = 0, messages = 0;
};

class Replacer {
public:
    // `transport`: what times of the transport are moved by.
    Replacer(const std::string& key, std::chrono::days transport);
    Replacer(const Replacer&) = delete;
    Replacer& operator=(const Replacer&) = delete;

    // Dates before it are taken for it: nobody is older than 89 years then.
    void set_oldest(Days oldest) { oldest_ = oldest; }
    std::chrono::days shift_of(std::string_view patient) const { return invention_.shift_of(patient); }
    std::chrono::days shift_of_none() const { return invention_.shift_of(""); }

    std::string value(const Place& place, const std::string& text);
    std::string number(const Place& place, std::string_view json);
    std::string member(std::string_view name); // "_birthDate" as well

    std::string id(std::string_view id);
    std::string type(std::string_view type);
    std::string version(std::string_view version);
    std::string etag(std::string_view etag);           // W/"3"
    std::string address(std::string_view url);         // references and criteria as well
    std::string message(std::string_view text);        // of a server or the network
    std::string line(std::string_view text);           // of a protocol in plain text: "bound 123"
    std::string words(std::string_view text);          // free text
    std::string transport_date(std::string_view text); // of JSON, or of HTTP; "" where it is none

    const Counts& counts() const { return counts_; }
    std::uint64_t out_of_order() const { return ids_.out_of_order(); }

private:
    std::string code(std::string_view code, std::string_view system);
    std::string contact(std::string_view text);
    std::string identifier(std::string_view text);
    std::string removed(std::string_view data);
    std::string host(std::string_view authority);
    std::string path(std::string_view path);
    std::string segment(std::string_view segment, std::string_view before);
    std::string query(std::string_view query);
    std::string parameter_name(std::string_view name);
    std::string parameter_value(std::string_view name, std::string_view value);
    std::string parameter_part(std::string_view name, std::string_view part);
    std::string control_value(std::string_view value);

    Invention invention_;
    IdMap ids_;
    std::chrono::days transport_;
    Days oldest_{};
    Counts counts_;
};

// Whether the text is a name that stands for a secret.
bool is_hidden(std::string_view text);

} // namespace fhirscope::deidentify
