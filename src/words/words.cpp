#include "words/words.hpp"

#include "engine/conflict.hpp"
#include "engine/snapshot.hpp"
#include "fhir/reference.hpp"
#include "fhir/time.hpp"
#include "fhir/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <span>

namespace fhirscope::words {
namespace {

using engine::Fact;

constexpr std::size_t longest_text = 2'048; // bytes

std::string number(std::int64_t value) { return std::to_string(value); }

std::string seconds(const Fact& fact) { return number(fact.duration.count() / 1000) + " s"; }
std::string milliseconds(const Fact& fact) { return number(fact.duration.count()) + " ms"; }

std::string instant(std::int64_t value) { return fhir::format_instant(ServerTime(std::chrono::milliseconds(value))); }

template <class Enum>
std::string name_of(std::int64_t value) {
    return std::string(to_string(static_cast<Enum>(value)));
}

// "Task/1", "a Task" or "a resource": as far as it is known.
std::string resource(const Fact& fact) {
    if (fact.about.find('/') != std::string::npos) return fact.about;
    return fact.about.empty() ? "a resource" : "a " + fact.about;
}

std::string events(const Fact& fact) {
    return fact.from == fact.to ? "event " + number(fact.from)
                                : "events " + number(fact.from) + " to " + number(fact.to);
}

struct Part {
    std::string_view name;
    std::string (*text)(const Fact& fact);
    bool (*is_empty)(const Fact& fact) = nullptr; // null: where its text is
};

constexpr Part parts[] = {
    {"about", [](const Fact& f) { return f.about; }},
    {"name", [](const Fact& f) { return f.name; }},
    {"words", [](const Fact& f) { return f.words; }},
    {"detail", [](const Fact& f) { return f.detail; }},
    {"status", [](const Fact& f) { return number(f.status); }, [](const Fact& f) { return f.status == 0; }},
    {"count", [](const Fact& f) { return number(f.count); }, [](const Fact& f) { return f.count == 0; }},
    {"from", [](const Fact& f) { return number(f.from); }, [](const Fact& f) { return f.from == 0; }},
    {"to", [](const Fact& f) { return number(f.to); }, [](const Fact& f) { return f.to == 0; }},
    {"failure", [](const Fact& f) { return std::string(to_string(f.failure)); }},
    {"s", seconds},
    {"ms", milliseconds},
    {"duration", [](const Fact& f) { return fhir::seconds_text(f.duration); }},
    {"resource", resource},
    {"type", [](const Fact& f) { return std::string(fhir::type_part(f.about)); }},
    {"versions", [](const Fact& f) { return number(f.count) + (f.count == 1 ? " version" : " versions"); }},
    {"events", events},
    {"deleted", [](const Fact& f) { return std::string(f.status == 410 ? "deleted" : ""); }},
    {"from_time", [](const Fact& f) { return instant(f.from); }},
    {"to_time", [](const Fact& f) { return instant(f.to); }},
    {"from_phase", [](const Fact& f) { return name_of<engine::Phase>(f.from); }},
    {"to_phase", [](const Fact& f) { return name_of<engine::Phase>(f.to); }},
    {"conflict", [](const Fact& f) { return name_of<engine::ConflictKind>(f.from); }},
    {"outcome", [](const Fact& f) { return name_of<engine::ConflictOutcome>(f.to); }},
};

// Writes a fact and what it follows from, by their sentences.
class Writer {
public:
    Writer(std::span<const Fact* const> facts, const Sentences& sentences) : facts_(facts), sentences_(sentences) {}

    std::string write() {
        if (facts_.empty()) return {};
        const auto found = sentences_.find(facts_.front()->code);
        std::string text;
        if (found != sentences_.end()) text = fill(found->second);
        if (rest_is_said_ || facts_.size() == 1) return text;
        const std::string more = rest();
        return text.empty() || more.empty() ? text + more : text + "; " + more;
    }

private:
    std::string rest() { return Writer(facts_.subspan(1), sentences_).write(); }

    // "{…}" and "[…]" do not nest otherwise than parts within an option.
    std::string fill(std::string_view sentence) {
        std::string text, option;
        bool in_option = false, is_known = true;
        while (!sentence.empty()) {
            const auto mark = sentence.find_first_of("{[]");
            std::string& out = in_option ? option : text;
            out += sentence.substr(0, mark);
            if (mark == std::string_view::npos) break;
            const char sign = sentence[mark];
            sentence.remove_prefix(mark + 1);
            if (sign == '[') {
                in_option = is_known = true;
                option.clear();
            } else if (sign == ']') {
                if (is_known) text += option;
                in_option = false;
            } else {
                const auto end = sentence.find('}');
                out += part(sentence.substr(0, end), is_known);
                sentence.remove_prefix(end == std::string_view::npos ? sentence.size() : end + 1);
            }
        }
        return text;
    }

    std::string part(std::string_view name, bool& is_known) {
        if (name == "cause") {
            rest_is_said_ = true;
            is_known &= facts_.size() > 1;
            return rest();
        }
        const auto colon = name.find(':');
        const auto* found = std::ranges::find(parts, name.substr(0, colon), &Part::name);
        if (found == std::end(parts)) return {};
        const Fact& fact = *facts_.front();
        std::string text = found->text(fact);
        is_known &= found->is_empty ? !found->is_empty(fact) : !text.empty();
        if (colon != std::string_view::npos) {
            std::size_t most = 0;
            std::from_chars(name.data() + colon + 1, name.data() + name.size(), most);
            text.resize(std::min(text.size(), most));
        }
        return text;
    }

    std::span<const Fact* const> facts_; // the one to write, and what it follows from
    const Sentences& sentences_;
    bool rest_is_said_ = false;
};

} // namespace

std::string text(const Fact& fact, const Sentences& sentences) {
    if (fact.empty()) return {};
    std::vector<const Fact*> facts{&fact};
    for (const Fact& cause : fact.causes) facts.push_back(&cause);
    std::string text = Writer(facts, sentences).write();
    fhir::cut_utf8(text, longest_text);
    return text;
}

std::string text(const engine::Event& event, const Sentences& sentences) { return text(event.what, sentences); }

} // namespace fhirscope::words
