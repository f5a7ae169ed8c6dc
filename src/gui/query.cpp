#include "gui/query.hpp"

#include "gui/rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace fhirscope::gui {

namespace {

char lower(char ch) { return ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch; }

bool is_space(char ch) { return ch == ' ' || ch == '\t' || ch == '\n'; }

template <class T>
bool compare(T value, T with, int op) {
    switch (op) {
        case 0:
        case 1:
            return value == with;
        case 2:
            return value != with;
        case 3:
            return value > with;
        case 4:
            return value >= with;
        case 5:
            return value < with;
        default:
            return value <= with;
    }
}

} // namespace

std::string fold(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool contains_folded(std::string_view text, std::string_view needle) {
    if (needle.empty()) {
        return true;
    }
    if (text.size() < needle.size()) {
        return false;
    }
    const std::size_t last = text.size() - needle.size();
    for (std::size_t i = 0; i <= last; ++i) {
        std::size_t k = 0;
        while (k < needle.size() && lower(text[i + k]) == needle[k]) {
            ++k;
        }
        if (k == needle.size()) {
            return true;
        }
    }
    return false;
}

// One pass, no backtracking; the depth of brackets is bounded.
class QueryParser {
public:
    explicit QueryParser(std::string_view text) : text_(text) {}

    Result<Query> run() {
        skip();
        if (at_end()) {
            return std::move(query_);
        }
        const std::size_t root = alternatives();
        if (!error_ && !at_end()) {
            refuse(peek() == ')' ? "There is no ( for this )." : "A field, a word or & | was expected here.");
        }
        if (error_) {
            return tl::unexpected<Error>(*error_);
        }
        query_.root_ = root;
        return std::move(query_);
    }

private:
    using Kind = Query::Kind;
    using Op = Query::Op;
    using Node = Query::Node;
    static constexpr int kDeepest = 32;

    bool at_end() const { return at_ >= text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    void skip() {
        while (!at_end() && is_space(text_[at_])) {
            ++at_;
        }
    }
    void refuse(std::string message) { refuse_at(at_, std::move(message)); }
    void refuse_at(std::size_t offset, std::string message) {
        if (!error_) {
            error_ = Error{"query", std::move(message), offset};
        }
    }
    std::size_t add(Node node) {
        query_.needs_id_ = query_.needs_id_ || node.kind == Kind::text || node.kind == Kind::id;
        query_.nodes_.push_back(std::move(node));
        return query_.nodes_.size() - 1;
    }
    std::size_t group(Kind kind, std::vector<std::size_t> parts) {
        if (parts.size() == 1) {
            return parts[0];
        }
        Node node;
        node.kind = kind;
        node.children = std::move(parts);
        return add(std::move(node));
    }

    std::size_t alternatives() {
        std::vector<std::size_t> parts = {conjunction()};
        while (!error_ && peek() == '|') {
            ++at_;
            skip();
            parts.push_back(conjunction());
        }
        return group(Kind::any, std::move(parts));
    }

    std::size_t conjunction() {
        std::vector<std::size_t> parts = {unary()};
        while (!error_ && !at_end() && peek() != '|' && peek() != ')') {
            if (peek() == '&') {
                ++at_;
                skip();
            }
            parts.push_back(unary());
        }
        return group(Kind::all, std::move(parts));
    }

    std::size_t unary() {
        if (++depth_ > kDeepest) {
            refuse("The brackets are nested too deeply.");
            return 0;
        }
        std::size_t result = 0;
        if (peek() == '!') {
            ++at_;
            skip();
            Node node;
            node.kind = Kind::negation;
            node.children = {unary()};
            result = add(std::move(node));
        } else if (peek() == '(') {
            ++at_;
            skip();
            result = alternatives();
            if (!error_ && peek() != ')') {
                refuse("A ) is missing.");
            }
            ++at_;
            skip();
        } else {
            result = term();
        }
        --depth_;
        return result;
    }

    std::string word() {
        std::string out;
        if (peek() == '"') {
            ++at_;
            while (!at_end() && peek() != '"') {
                out += text_[at_++];
            }
            if (at_end()) {
                refuse("The quote is not closed.");
            }
            ++at_;
        } else {
            while (!at_end() && !is_space(peek()) &&
                   std::string_view("&|()!:=<>\"").find(peek()) == std::string_view::npos) {
                out += text_[at_++];
            }
        }
        return out;
    }

    std::size_t term() {
        const std::size_t begin = at_;
        const bool quoted = peek() == '"';
        const std::string name = word();
        if (error_) {
            return 0;
        }
        if (name.empty() && !quoted) {
            refuse("A field or a word was expected here.");
            return 0;
        }
        skip();
        if (quoted || std::string_view(":=<>!").find(peek()) == std::string_view::npos || at_end() ||
            (peek() == '!' && (at_ + 1 >= text_.size() || text_[at_ + 1] != '='))) {
            Node node;
            node.text = fold(name);
            node.source = quoted ? "\"" + name + "\"" : name;
            return add(std::move(node));
        }
        Node node;
        node.kind = field(fold(name), begin);
        node.op = comparison();
        skip();
        const std::size_t value_at = at_;
        const std::string value = word();
        skip();
        if (value.empty()) {
            refuse_at(value_at, "A value was expected after \"" + name + "\".");
            return 0;
        }
        read_value(node, value, value_at);
        node.source =
            fold(name) + symbol(node.op) + (value.find(' ') != std::string::npos ? "\"" + value + "\"" : value);
        return add(std::move(node));
    }

    Kind field(const std::string& name, std::size_t begin) {
        static constexpr std::pair<std::string_view, Kind> kFields[] = {
            {"type", Kind::type},
            {"resource", Kind::id},
            {"id", Kind::id},
            {"version", Kind::version},
            {"subscription", Kind::subscription},
            {"channel", Kind::channel},
            {"outcome", Kind::outcome},
            {"latency", Kind::latency},
            {"size", Kind::size},
            {"seq", Kind::number},
            {"deleted", Kind::deleted},
        };
        for (const auto& [known, kind] : kFields) {
            if (known == name) {
                return kind;
            }
        }
        refuse_at(begin,
                  "\"" + name +
                      "\" is not a field. Fields: type, resource, version, subscription, channel, outcome, latency, "
                      "size, seq, deleted.");
        return Kind::text;
    }

    Op comparison() {
        const char first = peek();
        ++at_;
        const bool equals = peek() == '=';
        switch (first) {
            case ':':
                return Op::contains;
            case '=':
                return Op::equal;
            case '!':
                ++at_;
                return Op::differs;
            case '>':
                at_ += equals ? 1 : 0;
                return equals ? Op::at_least : Op::greater;
            default:
                at_ += equals ? 1 : 0;
                return equals ? Op::at_most : Op::less;
        }
    }

    static std::string symbol(Op op) {
        switch (op) {
            case Op::contains:
                return ":";
            case Op::equal:
                return " = ";
            case Op::differs:
                return " != ";
            case Op::greater:
                return " > ";
            case Op::at_least:
                return " >= ";
            case Op::less:
                return " < ";
            case Op::at_most:
                return " <= ";
        }
        return ":";
    }

    void read_value(Node& node, const std::string& value, std::size_t at) {
        const std::string folded = fold(value);
        const auto one_of = [&](auto name_of, int count, const char* what) {
            std::string known;
            for (int i = 0; i < count; ++i) {
                std::string name(name_of(i));
                // "out of order" is also written without its spaces.
                std::string joined = name;
                std::replace(joined.begin(), joined.end(), ' ', '-');
                if (folded == name || folded == joined) {
                    node.number = i;
                    return;
                }
                known += (known.empty() ? "" : ", ") + joined;
            }
            refuse_at(at, "\"" + value + "\" is not " + what + ". One of: " + known + ".");
        };
        const auto ordered = [&] { return node.op != Op::contains && node.op != Op::equal && node.op != Op::differs; };
        switch (node.kind) {
            case Kind::channel:
                one_of([](int i) { return engine::to_string(static_cast<engine::Channel>(i)); },
                       static_cast<int>(engine::channel_count), "a channel");
                break;
            case Kind::outcome:
                one_of([](int i) { return engine::to_string(static_cast<engine::Outcome>(i)); },
                       static_cast<int>(engine::outcome_count), "an outcome");
                break;
            case Kind::latency:
                query_.needs_latency_ = true;
                read_number(node, value, at, {{"us", 1}, {"µs", 1}, {"ms", 1e3}, {"", 1e3}, {"s", 1e6}, {"m", 60e6}},
                            "200ms, 1.5s or 800us");
                return;
            case Kind::size:
                read_number(node, value, at, {{"b", 1}, {"", 1}, {"kb", 1e3}, {"mb", 1e6}}, "900, 2kB or 1MB");
                return;
            case Kind::number:
                read_number(node, value, at, {{"", 1}}, "a whole number");
                return;
            case Kind::deleted:
                if (folded != "yes" && folded != "no" && folded != "true" && folded != "false") {
                    refuse_at(at, "\"deleted\" is yes or no.");
                }
                node.number = folded == "yes" || folded == "true" ? 1 : 0;
                break;
            default:
                node.text = folded;
                break;
        }
        if (ordered()) {
            refuse_at(at, "This field has no order; use : or =.");
        }
    }

    void read_number(Node& node, const std::string& value, std::size_t at,
                     std::initializer_list<std::pair<std::string_view, double>> units, const char* example) {
        const char* const begin = value.c_str();
        char* end = nullptr;
        const double number = std::strtod(begin, &end);
        const std::string unit = fold(std::string_view(end));
        for (const auto& [name, factor] : units) {
            if (end != begin && unit == name && std::isfinite(number) && std::fabs(number * factor) < 9e15) {
                node.number = std::llround(number * factor);
                return;
            }
        }
        refuse_at(at, "\"" + value + "\" is not understood here; write " + example + ".");
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    Query query_;
    std::optional<Error> error_;
};

Result<Query> Query::parse(std::string_view text) { return QueryParser(text).run(); }

bool Query::matches(const QueryFacts& facts) const { return nodes_.empty() || matches(facts, nodes_[root_]); }

bool Query::matches(const QueryFacts& facts, const Node& node) const {
    const int op = static_cast<int>(node.op);
    const auto text = [&](std::string_view value) {
        switch (node.op) {
            case Op::equal:
                return fold(value) == node.text;
            case Op::differs:
                return fold(value) != node.text;
            default:
                return contains_folded(value, node.text);
        }
    };
    switch (node.kind) {
        case Kind::any:
            return std::any_of(node.children.begin(), node.children.end(),
                               [&](std::size_t child) { return matches(facts, nodes_[child]); });
        case Kind::all:
            return std::all_of(node.children.begin(), node.children.end(),
                               [&](std::size_t child) { return matches(facts, nodes_[child]); });
        case Kind::negation:
            return !matches(facts, nodes_[node.children[0]]);
        case Kind::text:
            return contains_folded(facts.id, node.text) || contains_folded(facts.type, node.text) ||
                   contains_folded(facts.subscription, node.text) || contains_folded(facts.version, node.text);
        case Kind::type:
            return text(facts.type);
        case Kind::id:
            return text(facts.id);
        case Kind::version:
            return text(facts.version);
        case Kind::subscription:
            return text(facts.subscription);
        case Kind::channel:
            return compare<std::int64_t>(static_cast<int>(facts.channel), node.number, op);
        case Kind::outcome:
            return compare<std::int64_t>(static_cast<int>(facts.outcome), node.number, op);
        case Kind::latency:
            return facts.latency && compare<std::int64_t>(facts.latency->count(), node.number, op);
        case Kind::size:
            return compare<std::int64_t>(static_cast<std::int64_t>(facts.size), node.number, op);
        case Kind::number:
            return compare<std::int64_t>(static_cast<std::int64_t>(facts.number), node.number, op);
        case Kind::deleted:
            return compare<std::int64_t>(facts.deleted ? 1 : 0, node.number, op);
    }
    return false;
}

std::string Query::canonical() const {
    std::string out;
    if (!nodes_.empty()) {
        canonical(nodes_[root_], false, out);
    }
    return out;
}

void Query::canonical(const Node& node, bool nested, std::string& out) const {
    if (node.kind == Kind::negation) {
        out += "!";
        canonical(nodes_[node.children[0]], true, out);
        return;
    }
    if (node.kind != Kind::any && node.kind != Kind::all) {
        out += node.source;
        return;
    }
    out += nested ? "(" : "";
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        out += i == 0 ? "" : node.kind == Kind::any ? " | " : " & ";
        canonical(nodes_[node.children[i]], true, out);
    }
    out += nested ? ")" : "";
}

} // namespace fhirscope::gui
