#pragma once
// Which resource names which: references out of a resource with their places, and an index of who names it. The index
// is made when somebody asks for it, by the worker, and then follows what changes.

#include "engine/snapshot.hpp"
#include "fhir/resource.hpp"
#include "gui/model/worker.hpp"

#include <cstdint>
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

    // So many chunks of records that changed are looked at within a frame.
    static constexpr std::size_t at_once = 64;

    // Takes in what changed since the last time. Null for `worker`: it does so now, however much it is.
    void update(const engine::SnapshotPtr& snapshot, Worker* worker = nullptr);
    // False: the worker has it.
    bool complete() const { return !job_.pending(); }
    // Records whose shown version names `reference`; in no order.
    const std::vector<Place>& to(std::string_view reference) const;
    // Records that the last update read by itself: a test pins that it follows the changes.
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
    // It goes to the worker and comes back, since a copy would cost more than a frame has.
    struct Index {
        // Whether it is of this session, so that it can go on.
        bool precedes(const engine::Snapshot& snapshot) const;
        std::size_t changed_chunks(const engine::Snapshot& snapshot) const;
        // Returns how many records it read.
        std::size_t go_on(const engine::SnapshotPtr& snapshot, const std::stop_token& stop);
        std::size_t set(Place place, const fhir::ResourcePtr& resource, bool key_only);

        engine::SnapshotPtr of;                  // that it is of
        std::vector<std::vector<Entry>> entries; // by store and record
        std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> targets;
        std::vector<std::vector<Place>> sources; // by target
        std::vector<std::string> found;
    };
    Index index_;
    Job<Index> job_;
    std::size_t examined_ = 0;
};

} // namespace fhirscope::gui
