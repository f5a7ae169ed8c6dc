#pragma once
// How an overlap is decided where a rule says so: both sides changed one field, or fields that belong together.

#include "fhir/merge.hpp"
#include "fhir/time.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace fhirscope::engine {

struct Overlap {
    const fhir::MergeField& field;
    std::string_view type;             // of the resource
    std::optional<ServerTime> edited;  // when the local edit was made, by the server's clock as far as it is known
    std::optional<ServerTime> changed; // when the server's version was
};

// One file each, and a line in strategies.cpp. Pure: the same overlap is decided the same way each time.
class Strategy {
public:
    virtual ~Strategy() = default;
    virtual std::string_view name() const = 0;                                  // in panel definitions: "ask"
    virtual std::string_view title() const = 0;                                 // for people: "take server"
    virtual std::optional<fhir::Side> decide(const Overlap& overlap) const = 0; // nullopt: a person must
};

std::unique_ptr<Strategy> make_ask_strategy();
std::unique_ptr<Strategy> make_furthest_strategy();
std::unique_ptr<Strategy> make_last_write_strategy();
std::unique_ptr<Strategy> make_local_strategy();
std::unique_ptr<Strategy> make_merge_strategy();
std::unique_ptr<Strategy> make_server_strategy();

// All there are, the built-in ones first.
std::span<const std::unique_ptr<Strategy>> all_strategies();
const Strategy* find_strategy(std::string_view name); // null where there is none
// For a program with strategies of its own: before the first engine is made.
void add_strategy(std::unique_ptr<Strategy> strategy);

} // namespace fhirscope::engine
