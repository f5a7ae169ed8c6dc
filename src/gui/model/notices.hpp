#pragma once
// What the user should know, until it is dismissed: what is true, why, and what can be done. For what concerns the
// program itself (a file that cannot be read, a face that is missing); what concerns the data is a finding or an event.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

struct Notice {
    enum class Severity { Info, Attention, Error };
    Severity severity = Severity::Attention;
    std::string key;    // a later notice of the same key takes its place; "": its text is the key
    std::string text;   // what is true, in one sentence
    std::string cause;  // where and why: "settings.json:3: …"
    std::string action; // id in the table of actions of what helps; "": nothing but to dismiss it

    bool operator==(const Notice&) const = default;
};

class Notices {
public:
    struct Entry {
        std::uint64_t number = 0; // names it as long as the window lives
        Notice notice;
    };
    // Above this the oldest leaves: somebody who dismissed none of so many does not read them.
    static constexpr std::size_t most_kept = 50;

    // The newest is the last. One that is there already, word for word, stays where it is.
    void add(Notice notice);
    void dismiss(std::uint64_t number);
    // Nothing happens when there is none of this key.
    void dismiss_key(std::string_view key);
    void clear() { entries_.clear(); }

    const std::vector<Entry>& all() const { return entries_; }
    bool empty() const { return entries_.empty(); }
    std::size_t size() const { return entries_.size(); }

private:
    std::vector<Entry> entries_;
    std::uint64_t next_ = 1;
};

} // namespace fhirscope::gui
