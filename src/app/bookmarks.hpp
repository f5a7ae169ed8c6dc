#pragma once
// The bookmarks of a recording: in FILE.notes beside it, since the recording itself is never changed; in memory where
// nothing can be written there.

#include "fhir/result.hpp"
#include "gui/model/playhead.hpp"

#include <string>
#include <vector>

namespace fhirscope::app {

// Thread safety: one thread at a time.
class Bookmarks {
public:
    static constexpr std::size_t most = 1'000, longest_text = 1'000; // bytes of one

    // `file`: "" for memory alone. What is wrong with it is said, and it is left as it is.
    explicit Bookmarks(std::string file = "");

    const std::vector<gui::Bookmark>& all() const { return all_; } // in the order of time
    const std::string& file() const { return file_; }              // "" where they are kept nowhere
    // Beyond the bound nothing is added, which is said.
    void add(LocalTime at, std::string text);
    void rename(std::uint64_t number, std::string text);
    void remove(std::uint64_t number);

private:
    void put(LocalTime at, std::string text);
    Result<void> read();
    void save();

    std::string file_;
    std::uint64_t next_ = 1;
    std::vector<gui::Bookmark> all_;
};

} // namespace fhirscope::app
