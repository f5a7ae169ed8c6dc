#pragma once
// Which resource names which: references out of a resource with their places, and an index of who names it. The index
// is made when somebody asks for it, a few milliseconds a frame, and then follows what changes.

#include "engine/snapshot.hpp"
#include "fhir/resource.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fhirscope::gui {

struct Link {
    std::string path;      // "for", "input[2].valueReference"
    std::string reference; // as it is written
    std::string target;    // "Patient/c770…"; "" when it names nothing that a store could hold ("#a", "urn:uuid:…")
};

// All references of a resource, in the order of its text. Empty where the text is no JSON.
std::vector<Link> links_of(const fhir::Resource& resource);
// Only where they lead, each as often as it is named; quicker, since it reads no other values.
void find_targets(std::string_view json, std::vector<std::string>& targets);

class LinkIndex {
public:
    struct Place { // of a record
        std::uint32_t store = 0, index = 0;
        bool operator==(const Place&) const = default;
    };

    // Takes in what changed since the last time; goes on with the rest in the next call when `budget` is over.
    void update(const engine::SnapshotPtr& snapshot,
                std::chrono::microseconds budget = std::chrono::microseconds::max());
    // Everything was looked at once.
    bool complete() const { return done_ != nullptr; }
    // Share of the snapshot that was looked at.
    double progress() const;
    // Records whose shown version names `reference`; in no order.
    const std::vector<Place>& to(std::string_view reference) const;
    // Records that the last update read: a test pins that it follows the changes.
    std::size_t examined() const { return examined_; }

private:
    struct Entry {
        fhir::ResourcePtr resource; // that the targets are of; held, so that its address names it
        std::vector<std::uint32_t> targets;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    void set(Place place, const fhir::ResourcePtr& resource, bool key_only);
    void begin(const engine::SnapshotPtr& snapshot);

    engine::SnapshotPtr pass_; // that is being looked at
    engine::SnapshotPtr done_; // the last that was, wholly
    std::size_t store_ = 0, chunk_ = 0;
    std::vector<std::string> types_;
    std::vector<std::vector<Entry>> entries_; // by store and record
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> targets_;
    std::vector<std::vector<Place>> sources_; // by target
    std::vector<std::string> found_;
    std::size_t examined_ = 0;
};

} // namespace fhirscope::gui
