#pragma once
// How many resources may be old, kept from snapshot to snapshot looking at changed chunks alone.

#include "engine/certainty.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::diagnosis {

class Standings {
public:
    void update(const engine::SnapshotPtr& snapshot);
    // That may be stale (engine::Certainty), in all and of the store at this place in the snapshot.
    std::size_t unconfirmed() const { return total_.unconfirmed; }
    std::size_t unconfirmed(std::size_t store) const {
        return store < stores_.size() ? stores_[store].counts.unconfirmed : 0;
    }
    // The time in which changes may have been missed there.
    std::optional<engine::Unheard> unheard(std::size_t store) const {
        return store < stores_.size() ? stores_[store].unheard : std::nullopt;
    }
    // Since when what is not confirmed may be stale, of that store and in all: the earliest moment, of what the last
    // session left the one at which it was left. Nothing: all is confirmed, or it is not known.
    std::optional<LocalTime> unconfirmed_since(std::size_t store) const;
    std::optional<LocalTime> unconfirmed_since() const;
    std::size_t checking() const { return total_.checking; }
    std::size_t stale() const { return total_.stale; } // known to differ from the server
    std::size_t out_of_view() const { return total_.out_of_view; }
    // The first few that are not confirmed.
    std::vector<std::string> examples(std::size_t most) const;

private:
    struct Counts {
        std::size_t unconfirmed = 0, stale = 0, checking = 0, out_of_view = 0;
        void add(const Counts& other, int sign);
    };
    struct Chunk {
        Counts counts;
        LocalTime newest;              // that something in it was vouched for
        std::optional<LocalTime> left; // by the last session: the earliest moment
    };
    struct Store {
        std::optional<engine::Unheard> unheard;
        std::vector<Chunk> chunks;
        Counts counts;
    };
    void count(Store& store, std::size_t chunk, const decltype(engine::StoreView::records)& records);

    engine::SnapshotPtr snapshot_;
    std::vector<Store> stores_;
    Counts total_;
};

} // namespace fhirscope::diagnosis
