#pragma once
// Requests and responses as values, and what is in a request's target.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhirscope::server {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method, target; // "GET", "/fhir/R4/Task?status=requested"
    Headers headers;
    std::string body;
    std::string peer;            // address, for the limit of requests
    bool body_too_large = false; // the body was over the limit and is not here

    // Names are compared without regard to case; "" when there is none.
    std::string_view header(std::string_view name) const;
};

struct Response {
    int status = 200;
    Headers headers;
    std::string body;

    std::string_view header(std::string_view name) const;
};

// The parameters of a query string or a form, decoded, in order.
struct Parameters {
    std::vector<std::pair<std::string, std::string>> items;

    static Parameters parse(std::string_view text);
    // The first value, or nullptr.
    const std::string* find(std::string_view name) const;
    std::string get(std::string_view name) const; // "" when absent
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);
    // "a=1&b=2", ordered by name, as Medplum writes its links.
    std::string sorted() const;
};

// "/fhir/R4/Task?a=b" → {"fhir", "R4", "Task"} and "a=b". Segments are percent-decoded; empty ones are left out.
struct Target {
    std::vector<std::string> segments;
    std::string query;

    static Target parse(std::string_view text);
};

} // namespace fhirscope::server
