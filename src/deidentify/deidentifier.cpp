#include "deidentify/deidentifier.hpp"

#include "deidentify/vocabulary.hpp"
#include "engine/cache.hpp"
#include "engine/strategy.hpp"
#include "fhir/ascii.hpp"
#include "fhir/reference.hpp"

#include <algorithm>
#include <type_traits>

namespace fhirscope::deidentify {

namespace {

using std::chrono::days;

constexpr int oldest_age = 89; // years; who is older is folded to it (HIPAA, 45 CFR 164.514(b)(2)(i)(C))

days transport_shift(const Options& options) {
    if (!options.shift_time) return days(0);
    return Invention(options.key).shift_of("the transport") - days(365);
}

// Of a path of a panel's column: names of elements, and what stands between quotes only where it is public.
bool is_plain_path(std::string_view path) {
    for (std::size_t i = 0; i < path.size();) {
        if (path[i] == '\'') {
            const auto end = path.find('\'', i + 1);
            if (end == path.npos) return false;
            const std::string_view literal = path.substr(i + 1, end - i - 1);
            if (!is_public_url(literal) && !is_code(literal)) return false;
            i = end + 1;
        } else if (fhir::is_letter(path[i])) {
            const std::size_t begin = i;
            while (i < path.size() && (fhir::is_letter(path[i]) || fhir::is_digit(path[i]))) ++i;
            const std::string_view word = path.substr(begin, i - begin);
            constexpr std::string_view functions = " where first last exists ofType resolve as and or join count ";
            if (!is_element(word) && !is_type(word) && functions.find(' ' + std::string(word) + ' ') == functions.npos)
                return false;
        } else if (static_cast<unsigned char>(path[i]) >= 0x80) {
            return false;
        } else {
            ++i;
        }
    }
    return std::ranges::count_if(path, fhir::is_digit) <= 4;
}

// What the program itself computes: "handler:due".
bool is_computed(std::string_view path) {
    const auto colon = path.find(':');
    if (colon == path.npos) return false;
    const std::string_view kind = path.substr(0, colon), name = path.substr(colon + 1);
    constexpr std::string_view names = " name patient due owner open-tasks next-due ";
    return (kind == "handler" || kind == "derived") && names.find(' ' + std::string(name) + ' ') != names.npos;
}

std::string media_type(std::string_view text) {
    const std::string_view plain = text.substr(0, text.find(';'));
    constexpr std::string_view charset = "; charset=utf-8";
    if (!is_code(plain)) return text.empty() ? "" : "application/octet-stream";
    return std::string(plain) + (fhir::lower_ascii(text).ends_with("utf-8") ? std::string(charset) : std::string());
}

// "requests";r=157;t=13: names of limits that are known, and short numbers.
std::string limit_text(std::string_view text) {
    std::string words;
    constexpr std::string_view names = " r t q w requests fhirInteractions limit remaining reset default ";
    std::size_t digits = 0;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t begin = i;
        while (i < text.size() && fhir::is_letter(text[i])) ++i;
        if (i > begin && names.find(' ' + std::string(text.substr(begin, i - begin)) + ' ') == names.npos) return "";
        if (i > begin) continue;
        if (fhir::is_digit(text[i])) ++digits;
        if (std::string_view("\";=,").find(text[i]) != std::string_view::npos) digits = 0; // between numbers
        if (digits > 6 || static_cast<unsigned char>(text[i]) >= 0x80) return "";
        ++i;
    }
    return std::string(text);
}

std::string retry_text(Replacer& replacer, std::string_view text) {
    const bool is_short = text.size() <= 6 && std::ranges::all_of(text, fhir::is_digit);
    return is_short ? std::string(text) : replacer.transport_date(text);
}

} // namespace

std::string_view what_is_kept() {
    return "types, status and other codes of the standard, codes of public terminologies, booleans, measured "
           "quantities, countries; number, order and time of all inputs; times of the transport and meta.lastUpdated "
           "(unless shifted); versionIds of up to nine digits; loopback addresses; messages of plain protocol words";
}

Deidentifier::Deidentifier(const Options& options)
    : transport_(transport_shift(options)), replacer_(options.key, transport_), bodies_(replacer_) {}

void Deidentifier::apply(engine::Input& input) {
    if (!has_begun_) {
        has_begun_ = true;
        const auto day =
            std::chrono::floor<days>(std::chrono::sys_time<std::chrono::microseconds>(input.at.time_since_epoch()));
        const std::chrono::year_month_day date{day};
        replacer_.set_oldest(std::chrono::sys_days(std::chrono::year_month_day{
            date.year() - std::chrono::years(oldest_age), date.month(), std::chrono::day(1)}));
    }
    input.at = moved(input.at);
    apply(input.body);
}

void Deidentifier::apply(engine::InputBody& body) {
    std::visit(
        [this](auto& one) {
            using One = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<One, engine::HttpFailed> || std::is_same_v<One, engine::SocketFailed>)
                one.message = replacer_.message(one.message);
            else if constexpr (std::is_same_v<One, engine::SocketClosed>)
                one.reason = replacer_.message(one.reason);
            else if constexpr (std::is_same_v<One, engine::Frame> || std::is_same_v<One, engine::FrameSent>)
                apply(one.text);
            else if constexpr (std::is_same_v<One, engine::Resumed>)
                one.keyframe = nullptr; // a whole state, in which nothing can be told from anything else
            else if constexpr (!std::is_same_v<One, engine::SocketOpened> && !std::is_same_v<One, engine::Tick> &&
                               !std::is_same_v<One, engine::Drain> && !std::is_same_v<One, engine::Woken>)
                apply(one);
        },
        body);
}

void Deidentifier::apply(engine::Text& text) {
    if (text) text = engine::make_text(bodies_.text(*text));
}

void Deidentifier::apply(std::optional<ServerTime>& time) const {
    if (time) *time += transport_;
}

void Deidentifier::apply(engine::Start& start) {
    apply(start.config);
    if (!start.known) return;
    engine::CacheTexts texts;
    texts.criteria = [this](std::string_view criteria) { return replacer_.address(criteria); };
    texts.resource = [this](std::string_view text) { return bodies_.text(text); };
    texts.etag = [this](std::string_view etag) { return replacer_.etag(etag); };
    texts.date = [this](std::string_view date) { return replacer_.transport_date(date); };
    texts.server = [this](engine::ServerFacts& server) {
        server.fhir_path = replacer_.address(server.fhir_path);
        apply(server.dialect);
    };
    texts.by = transport_;
    // One that cannot be read is not used, and stays one that cannot be read.
    start.known = engine::make_text(engine::rewritten_cache(*start.known, texts).value_or("x"));
}

void Deidentifier::apply(engine::HttpAnswer& answer) {
    answer.content_type = media_type(answer.content_type);
    answer.etag = answer.etag.empty() ? "" : replacer_.etag(answer.etag);
    answer.location = replacer_.address(answer.location);
    answer.date = replacer_.transport_date(answer.date);
    answer.last_modified = replacer_.transport_date(answer.last_modified);
    answer.rate_limit = limit_text(answer.rate_limit);
    answer.retry_after = retry_text(replacer_, answer.retry_after);
    apply(answer.body);
    apply(answer.token_end);
}

void Deidentifier::apply(engine::Observed& observed) {
    observed.method = is_code(observed.method) ? observed.method : "GET";
    observed.url = replacer_.address(observed.url);
    apply(observed.request_body);
    apply(observed.response_body);
    if (observed.asked != LocalTime{}) observed.asked = moved(observed.asked);
    observed.etag = observed.etag.empty() ? "" : replacer_.etag(observed.etag);
    observed.location = replacer_.address(observed.location);
    observed.last_modified = replacer_.transport_date(observed.last_modified);
    apply(observed.token_end);
}

void Deidentifier::apply(engine::Command& command) {
    std::visit(
        [this](auto& one) {
            using One = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<One, engine::Edit>)
                apply(one);
            else if constexpr (std::is_same_v<One, engine::SetFocus>) {
                if (!one.type.empty()) one.type = replacer_.type(one.type);
                one.reference = replacer_.address(one.reference);
            } else if constexpr (std::is_same_v<One, engine::Resolve>) {
                for (auto& choice : one.choices) choice.first = bodies_.field_path("", choice.first);
            } else if constexpr (std::is_same_v<One, engine::SetDefaultStrategy>) {
                if (!engine::find_strategy(one.name)) one.name = replacer_.words(one.name);
            } else if constexpr (std::is_same_v<One, engine::ReadResource> || std::is_same_v<One, engine::AskServer> ||
                                 std::is_same_v<One, engine::DiscardEdit>)
                one.reference = replacer_.address(one.reference);
        },
        command);
}

void Deidentifier::apply(engine::Edit& edit) {
    for (fhir::FieldEdit& field : edit.fields) {
        // The last two names of the path say what the value is.
        std::string plain;
        int depth = 0;
        for (const char c : field.path) {
            depth += c == '[' ? 1 : 0;
            if (depth == 0) plain += c;
            depth -= c == ']' && depth > 0 ? 1 : 0;
        }
        const std::string_view path = plain;
        const auto dot = path.rfind('.');
        const std::string_view name = dot == path.npos ? path : path.substr(dot + 1);
        std::string_view parent = dot == path.npos ? std::string_view() : path.substr(0, dot);
        if (const auto above = parent.rfind('.'); above != parent.npos) parent.remove_prefix(above + 1);
        field.value = bodies_.value_of(edit.reference, parent, name, field.value);
        field.path = bodies_.field_path(edit.reference, field.path);
    }
    edit.reference = replacer_.address(edit.reference);
}

void Deidentifier::apply(engine::DialectConfig& dialect) {
    // "bind {token}": around the token stands a protocol's word.
    if (const auto token = dialect.bind_template.find("{token}"); token != std::string::npos) {
        const std::string before = dialect.bind_template.substr(0, token),
                          after = dialect.bind_template.substr(token + 7);
        dialect.bind_template =
            (before.empty() ? "" : replacer_.line(before)) + "{token}" + (after.empty() ? "" : replacer_.line(after));
    } else if (!dialect.bind_template.empty()) {
        dialect.bind_template = replacer_.line(dialect.bind_template);
    }
    dialect.socket_url = replacer_.address(dialect.socket_url);
    for (engine::Topic& topic : dialect.topics) {
        topic.type = replacer_.type(topic.type);
        topic.url = replacer_.address(topic.url);
    }
}

// Titles are people's words; those of the program itself are names of types.
std::string Deidentifier::title(std::string_view title, std::string_view type) const {
    if (is_panel_title(title)) return std::string(title);
    return std::string(is_type(type) ? type : "Resource");
}

void Deidentifier::apply(engine::Config& config) {
    config.base_url = replacer_.address(config.base_url);
    config.fhir_path = replacer_.address(config.fhir_path);
    config.socket_path = replacer_.address(config.socket_path);
    apply(config.dialect);
    for (engine::SubscriptionWish& wish : config.subscriptions) {
        wish.name = title(wish.name, std::string_view(wish.criteria).substr(0, wish.criteria.find('?')));
        wish.criteria = replacer_.address(wish.criteria);
    }
    for (engine::PanelDefinition& panel : config.panels) apply(panel);
    if (!engine::find_strategy(config.default_strategy)) config.default_strategy = "ask";
}

void Deidentifier::apply(engine::PanelDefinition& panel) {
    panel.title = title(panel.title, panel.type);
    const auto name = [&](std::string_view id) { return is_panel_title(id) ? std::string(id) : replacer_.member(id); };
    panel.id = name(panel.id);
    panel.type = replacer_.type(panel.type);
    panel.criteria = replacer_.address(panel.criteria);
    for (engine::Column& column : panel.columns) {
        if (!is_panel_title(column.title)) column.title = is_element(column.id) ? column.id : "Column";
        column.id = name(column.id);
        if (!is_plain_path(column.path) && !is_computed(column.path)) column.path = "id";
    }
    panel.sort = panel.sort.empty() ? "" : name(panel.sort);
    for (engine::FieldPolicy& policy : panel.conflicts) {
        if (policy.field != "*") policy.field = bodies_.field_path(panel.type, policy.field);
        if (!engine::find_strategy(policy.strategy)) policy.strategy = "ask";
    }
}

} // namespace fhirscope::deidentify
