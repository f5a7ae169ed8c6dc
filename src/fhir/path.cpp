#include "fhir/path.hpp"

#include "fhir/ascii.hpp"
#include "fhir/choice.hpp"
#include "fhir/slice.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::fhir {
namespace {

bool is_typed_choice(std::string_view member, std::string_view stem) {
    return member.size() > stem.size() && member.starts_with(stem) && is_choice_type(member.substr(stem.size()));
}

void append_flattened(std::vector<Slice>& out, Slice value) {
    if (value.kind() == Slice::Kind::Array)
        value.each_element([&](Slice element) { append_flattened(out, element); });
    else if (value.exists() && value.kind() != Slice::Kind::Null)
        out.push_back(value);
}

void append_member(std::vector<Slice>& out, Slice object, std::string_view name) {
    Slice choice;
    const std::size_t before = out.size();
    bool found = false;
    object.each_member([&](std::string_view raw_name, Slice value) {
        if (raw_equals(raw_name, name)) {
            append_flattened(out, value);
            found = true;
        } else if (is_typed_choice(raw_name, name)) {
            choice = value;
        }
        return !found;
    });
    if (!found && out.size() == before) append_flattened(out, choice);
}

void append_member(std::vector<Slice>& out, const Resource& resource, std::string_view name) {
    if (const auto member = resource.member(name)) {
        append_flattened(out, Slice(*member));
        return;
    }
    for (const Field& field : resource.fields())
        if (is_typed_choice(resource.name_of(field), name)) append_flattened(out, Slice(resource.value_of(field)));
}

std::string value_text(Slice value) {
    return value.kind() == Slice::Kind::String ? value.string() : std::string(value.text());
}

bool any_equals(Slice element, const std::vector<std::string>& path, const std::string& literal) {
    std::vector<Slice> values{element};
    for (const std::string& name : path) {
        std::vector<Slice> next;
        for (const Slice& value : values) append_member(next, value, name);
        values = std::move(next);
    }
    return std::ranges::any_of(values, [&](Slice value) { return value_text(value) == literal; });
}

bool is_name_start(char c) { return is_letter(c) || c == '_'; }
bool is_capital(std::string_view name) { return !name.empty() && name[0] >= 'A' && name[0] <= 'Z'; }
} // namespace

class PathParser {
public:
    explicit PathParser(std::string_view text) : text_(text) {}

    Result<Path> parse() {
        Path path;
        path.source_ = text_;
        do {
            std::vector<Step> steps;
            if (!read_alternative(steps)) return not_understood();
            if (std::ranges::find(path.members_, steps.front().name) == path.members_.end())
                path.members_.push_back(steps.front().name);
            path.alternatives_.push_back(std::move(steps));
            skip_spaces();
        } while (accept('|'));
        if (at_ < text_.size()) return not_understood();
        return path;
    }

private:
    using Step = Path::Step;

    tl::unexpected<Error> not_understood() const {
        const std::string what = at_ < text_.size() ? "\"" + std::string(text_.substr(at_, 20)) + "\"" : "its end";
        return fail(ErrorCode::Path,
                    "the path \"" + std::string(text_.substr(0, 80)) + "\" is not understood from " + what +
                        " on (position " + std::to_string(at_) +
                        "); it may hold names, [n], first(), last(), where(a = 'b'), exists() and |",
                    at_);
    }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool accept(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    void skip_spaces() {
        while (peek() == ' ') ++at_;
    }

    std::string_view read_name() {
        const std::size_t begin = at_;
        if (is_name_start(peek()))
            while (is_name_start(peek()) || is_digit(peek())) ++at_;
        return text_.substr(begin, at_ - begin);
    }

    bool read_alternative(std::vector<Step>& steps) {
        skip_spaces();
        std::string_view name = read_name();
        // "Task.status": members never begin with a capital.
        if (is_capital(name) && accept('.')) name = read_name();
        if (is_capital(name)) return false;
        if (name.empty() || peek() == '(') {
            at_ -= name.size();
            return false;
        }
        steps.push_back(member_step(name));
        while (true) {
            if (accept('[')) {
                if (!read_index(steps)) return false;
            } else if (accept('.')) {
                if (!read_step(steps)) return false;
            } else {
                return true;
            }
        }
    }

    static Step member_step(std::string_view name) {
        Step step;
        step.name = name;
        return step;
    }

    bool read_index(std::vector<Step>& steps) {
        Step step;
        step.kind = Step::Kind::Index;
        const std::size_t begin = at_;
        while (is_digit(peek()) && at_ - begin < 9)
            step.index = step.index * 10 + static_cast<std::size_t>(text_[at_++] - '0');
        steps.push_back(std::move(step));
        return at_ > begin && accept(']');
    }

    bool read_step(std::vector<Step>& steps) {
        const std::size_t begin = at_;
        const std::string_view name = read_name();
        if (name.empty()) return false;
        if (peek() != '(') {
            steps.push_back(member_step(name));
            return true;
        }
        Step step;
        if (name == "first")
            step.kind = Step::Kind::First;
        else if (name == "last")
            step.kind = Step::Kind::Last;
        else if (name == "exists")
            step.kind = Step::Kind::Exists;
        else if (name == "where")
            step.kind = Step::Kind::Where;
        else {
            at_ = begin;
            return false;
        }
        accept('(');
        skip_spaces();
        if (step.kind == Step::Kind::Where && !read_condition(step)) return false;
        skip_spaces();
        steps.push_back(std::move(step));
        return accept(')');
    }

    bool read_condition(Step& step) {
        do {
            const std::string_view name = read_name();
            if (name.empty()) return false;
            step.filter.emplace_back(name);
        } while (accept('.'));
        skip_spaces();
        if (!accept('=')) return false;
        skip_spaces();
        return peek() == '\'' ? read_text(step.literal) : read_word(step.literal);
    }

    bool read_text(std::string& literal) {
        accept('\'');
        while (at_ < text_.size() && peek() != '\'') {
            if (peek() == '\\' && at_ + 1 < text_.size()) ++at_;
            literal.push_back(text_[at_++]);
        }
        return accept('\'');
    }

    // true, false or a number
    bool read_word(std::string& literal) {
        const std::size_t begin = at_;
        while (is_digit(peek()) || peek() == '.' || peek() == '-') ++at_;
        if (at_ == begin)
            if (const std::string_view word = read_name(); word != "true" && word != "false") {
                at_ = begin;
                return false;
            }
        literal = text_.substr(begin, at_ - begin);
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

Result<Path> Path::parse(std::string_view text) { return PathParser(text).parse(); }

std::vector<std::string> Path::evaluate(const Resource& resource) const {
    for (const std::vector<Step>& steps : alternatives_) {
        std::vector<std::string> values = evaluate(resource, steps);
        if (!values.empty()) return values;
    }
    return {};
}

std::vector<std::string> Path::evaluate(const Resource& resource, const std::vector<Step>& steps) {
    std::vector<Slice> values;
    append_member(values, resource, steps.front().name);
    for (auto step = steps.begin() + 1; step != steps.end(); ++step) {
        std::vector<Slice> next;
        switch (step->kind) {
            case Step::Kind::Member:
                for (const Slice& value : values) append_member(next, value, step->name);
                break;
            case Step::Kind::Index:
                if (step->index < values.size()) next.push_back(values[step->index]);
                break;
            case Step::Kind::First:
                if (!values.empty()) next.push_back(values.front());
                break;
            case Step::Kind::Last:
                if (!values.empty()) next.push_back(values.back());
                break;
            case Step::Kind::Where:
                std::ranges::copy_if(values, std::back_inserter(next),
                                     [&](Slice value) { return any_equals(value, step->filter, step->literal); });
                break;
            case Step::Kind::Exists:
                next.emplace_back(values.empty() ? "false" : "true");
                break;
        }
        values = std::move(next);
    }
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const Slice& value : values) texts.push_back(value_text(value));
    return texts;
}

std::string Path::text(const Resource& resource) const {
    std::string joined;
    for (const std::string& value : evaluate(resource)) {
        if (!joined.empty()) joined += ", ";
        joined += value;
    }
    return joined;
}

bool Path::reads(std::string_view member) const {
    return std::ranges::any_of(
        members_, [&](const std::string& name) { return name == member || is_typed_choice(member, name); });
}

} // namespace fhirscope::fhir
