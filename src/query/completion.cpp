#include "query/completion.hpp"

#include "query/lexer.hpp"
#include "query/text.hpp"

#include <algorithm>
#include <optional>

namespace fhirscope::query {

namespace {

using Kind = Token::Kind;

// What the tokens before the cursor lead up to.
struct Place {
    enum class Expect { Term, Comparison, Value, More } expect = Expect::Term;
    std::optional<std::size_t> field; // that a comparison or a value belongs to
    int open = 0;                     // brackets
};

Place place_after(const std::vector<Token>& tokens, std::size_t count, const Fields& fields) {
    Place place;
    for (std::size_t i = 0; i < count; ++i) {
        switch (tokens[i].kind) {
            case Kind::Word:
                if (place.expect == Place::Expect::Value) {
                    place.expect = Place::Expect::More;
                } else {
                    place.field = tokens[i].quoted ? std::nullopt : fields.find(fold(tokens[i].text));
                    place.expect = place.field ? Place::Expect::Comparison : Place::Expect::More;
                }
                break;
            case Kind::Compare:
                place.expect = Place::Expect::Value;
                break;
            case Kind::Open:
                ++place.open;
                place.expect = Place::Expect::Term;
                break;
            case Kind::Close:
                --place.open;
                place.expect = Place::Expect::More;
                break;
            default:
                place.expect = Place::Expect::Term;
                break;
        }
    }
    return place;
}

bool has_order(ValueKind kind) {
    return kind == ValueKind::Number || kind == ValueKind::Duration || kind == ValueKind::Size ||
           kind == ValueKind::Date;
}

class Collector {
public:
    Collector(std::size_t begin, std::size_t end, std::string prefix, const Fields& fields, const KnownValues& known)
        : begin_(begin), end_(end), prefix_(std::move(prefix)), fields_(fields), known_(known) {}

    std::vector<Completion> take(std::size_t most) {
        // What begins with the typed text stands before what contains it.
        std::vector<Completion> all = std::move(first_);
        all.insert(all.end(), std::make_move_iterator(second_.begin()), std::make_move_iterator(second_.end()));
        all.resize(std::min(all.size(), most));
        return all;
    }

    void field_names() {
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const Field& field = fields_[i];
            const Comparison usual = field.kind == ValueKind::Duration || field.kind == ValueKind::Size
                                         ? Comparison::Greater
                                         : Comparison::Contains;
            add(field.name, field.name + std::string(sign(usual)), field.meaning);
        }
    }

    // Values without their field: "conf" → outcome:conflict.
    void values_of_fields() {
        if (prefix_.size() < 2) return;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            for (const std::string& value : values_of(fields_[i]))
                if (begins_folded(value, prefix_))
                    put(fields_[i].name + ":" + quoted_if_needed(value), fields_[i].meaning);
        }
    }

    void comparisons(const Field& field) {
        add(":", ":", field.kind == ValueKind::Text ? "contains" : "is");
        if (has_order(field.kind)) {
            add(">", "> ", field.kind == ValueKind::Date ? "after" : "more than");
            add("<", "< ", field.kind == ValueKind::Date ? "before" : "less than");
            add(">=", ">= ", field.kind == ValueKind::Date ? "at or after" : "at least");
            add("<=", "<= ", field.kind == ValueKind::Date ? "at or before" : "at most");
        }
        add("=", "= ", "is");
        add("!=", "!= ", "is not");
    }

    void values(const Field& field) {
        for (const std::string& value : values_of(field)) add(value, quoted_if_needed(value), field.meaning);
        const bool digits = !prefix_.empty() && prefix_.find_first_not_of("0123456789.") == std::string::npos;
        if (field.kind == ValueKind::Duration) {
            units(digits ? prefix_ : "200",
                  {{"ms", "milliseconds"}, {"s", "seconds"}, {"us", "microseconds"}, {"m", "minutes"}});
        } else if (field.kind == ValueKind::Size) {
            units(digits ? prefix_ : "2", {{"kB", "thousand bytes"}, {"MB", "million bytes"}, {"B", "bytes"}});
        }
    }

    void signs(int open) {
        add("&", "& ", "and");
        add("|", "| ", "or");
        if (open > 0) add(")", ")", "closes the bracket");
    }

    void prefixes() {
        add("!", "!", "not");
        add("(", "(", "opens a bracket");
    }

private:
    std::vector<std::string> values_of(const Field& field) const {
        if (field.kind == ValueKind::Word) return field.words;
        if (field.kind == ValueKind::YesNo) return {"yes", "no"};
        return field.kind == ValueKind::Text && known_ ? known_(field.name) : std::vector<std::string>();
    }

    void units(const std::string& number, std::initializer_list<std::pair<const char*, const char*>> names) {
        for (const auto& [unit, meaning] : names) add(number + unit, number + unit, meaning);
    }

    void put(std::string insert, std::string meaning) {
        first_.push_back({begin_, end_, std::move(insert), std::move(meaning)});
    }

    void add(std::string_view name, std::string insert, std::string meaning) {
        if (begins_folded(name, prefix_))
            put(std::move(insert), std::move(meaning));
        else if (prefix_.size() >= 2 && contains_folded(name, prefix_))
            second_.push_back({begin_, end_, std::move(insert), std::move(meaning)});
    }

    std::size_t begin_, end_;
    std::string prefix_; // in lower case
    const Fields& fields_;
    const KnownValues& known_;
    std::vector<Completion> first_, second_;
};

} // namespace

std::vector<Completion> completions(std::string_view text, std::size_t cursor, const Fields& fields,
                                    const KnownValues& known, std::size_t most) {
    cursor = std::min(cursor, text.size());
    const std::vector<Token> tokens = tokens_of(text);
    // Tokens that end before the cursor; the one that it touches is what is being typed.
    std::size_t before = 0;
    while (tokens[before].kind != Kind::End && tokens[before].end < cursor) ++before;
    const Token& at = tokens[before];
    const bool typing =
        (at.kind == Kind::Word || at.kind == Kind::All || at.kind == Kind::Any || at.kind == Kind::Negation) &&
        !at.text.empty() && at.begin < cursor && cursor <= at.end;
    const bool sign_before = !typing && at.kind != Kind::End && at.end == cursor && at.begin < cursor;
    if (sign_before) ++before;
    const Place place = place_after(tokens, before, fields);
    std::string prefix;
    std::size_t begin = cursor;
    std::size_t end = cursor;
    if (typing) {
        begin = at.begin;
        end = at.end;
        prefix = fold(text.substr(begin, cursor - begin));
        if (at.quoted) {
            if (place.expect != Place::Expect::Value || (at.closed && cursor == at.end)) return {};
            prefix.erase(0, 1);
            end = at.closed ? at.end : cursor;
        }
    }
    Collector collector(begin, end, prefix, fields, known);
    switch (place.expect) {
        case Place::Expect::Value:
            if (place.field) collector.values(fields[*place.field]);
            break;
        case Place::Expect::Comparison:
            if (!typing) {
                collector.comparisons(fields[*place.field]);
                break;
            }
            [[fallthrough]]; // the field's name was a word after all, and this is the next one
        case Place::Expect::More:
            if (!typing) {
                collector.signs(place.open);
                break;
            }
            [[fallthrough]];
        case Place::Expect::Term:
            if (typing) {
                // A field's whole name: how it can be compared stands first.
                if (const auto whole = fields.find(prefix); whole && cursor == at.end) {
                    Collector signs(cursor, cursor, "", fields, known);
                    signs.comparisons(fields[*whole]);
                    return signs.take(most);
                }
            }
            collector.field_names();
            collector.values_of_fields();
            if (!typing) collector.prefixes();
            break;
    }
    return collector.take(most);
}

Completed complete(std::string_view text, const Completion& completion) {
    Completed out;
    out.text = text.substr(0, completion.begin);
    out.text += completion.insert;
    out.cursor = out.text.size();
    out.text += text.substr(std::min(completion.end, text.size()));
    return out;
}

} // namespace fhirscope::query
