#include "query/export.hpp"

#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"
#include "fhir/reference.hpp"
#include "query/lookup.hpp"
#include "query/update_fields.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace fhirscope::query {

namespace {

struct Cell {
    std::string_view name;
    std::string text;   // "" for what is not known
    bool plain = false; // a number or true, false: without quotes in JSON
};

std::string milliseconds(std::optional<std::chrono::microseconds> value) {
    if (!value) return {};
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.3f", static_cast<double>(value->count()) / 1000);
    return out.data();
}

std::string_view conflict_kind(const engine::Conflict* conflict) {
    return conflict == nullptr ? std::string_view() : engine::to_string(conflict->kind);
}

std::vector<Cell> cells_of(const engine::Snapshot& snapshot, const ConflictRows& conflicts, std::uint64_t number) {
    const engine::UpdateRow& row = snapshot.updates[number];
    const auto queued = std::max(row.dequeued, row.received) - row.received;
    const engine::Conflict* conflict = conflicts.of(number);
    std::vector<Cell> cells = {
        {"seq", std::to_string(number), true},
        {"received", utc(row.received)},
        {"changed", row.changed == ServerTime{} ? std::string() : fhir::format_instant(row.changed)},
        {"type", std::string(type_named_by(snapshot, number))},
        {"id", std::string(fhir::id_part(named_by(snapshot, number)))},
        {"version", std::string(version_of(row))},
        {"deleted", row.deleted ? "true" : "false", true},
        {"subscription", std::string(subscription_of(snapshot, row.subscription))},
        {"channel", std::string(engine::to_string(row.channel))},
        {"outcome", std::string(engine::to_string(row.outcome))},
        {"conflict", std::string(conflict_kind(conflict))},
        {"latency_ms", milliseconds(latency_of(snapshot, number)), true},
        {"transport_ms", milliseconds(transport_of(snapshot, row)), true},
        {"queued_ms", milliseconds(std::chrono::duration_cast<std::chrono::microseconds>(queued)), true},
        {"size", std::to_string(row.size), true},
        {"frame", row.frame == UINT64_MAX ? std::string() : std::to_string(row.frame), true},
        {"reason", row.outcome == engine::Outcome::Rejected ? rejection_of(snapshot, number) : std::string()},
    };
    return cells;
}

// A spreadsheet calculates a cell that begins with one of these, or with its wide form; an apostrophe before it makes
// it text. (A tab or a carriage return, which some skip, is written as an escape.)
bool begins_formula(std::string_view text) {
    constexpr std::array<std::string_view, 8> signs{"=", "+", "-", "@", "＝", "＋", "－", "＠"};
    return std::any_of(signs.begin(), signs.end(), [&](std::string_view sign) { return text.starts_with(sign); });
}

// RFC 4180: quotes where a value has a comma or a quote; there are no line ends in a value.
void add_csv(std::string& out, const Cell& cell) {
    std::string text = cell.plain ? cell.text : fhir::harmless(cell.text);
    if (!cell.plain && begins_formula(text)) text.insert(0, 1, '\'');
    if (text.find_first_of(",\"") == std::string::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char ch : text) {
        out += ch;
        if (ch == '"') out += '"';
    }
    out += '"';
}

void add_ndjson(std::string& out, const std::vector<Cell>& cells) {
    fhir::JsonWriter json;
    json.object();
    for (const Cell& cell : cells) {
        if (cell.text.empty()) continue;
        if (cell.plain)
            json.raw(cell.name, cell.text);
        else
            json.member(cell.name, cell.text);
    }
    json.end();
    out += json.take() + '\n';
}

struct TextColumn {
    std::string_view title;
    std::size_t width;
};
constexpr std::array<TextColumn, 9> text_columns = {{{"received (UTC)", 27},
                                                     {"seq", 9},
                                                     {"resource", 46},
                                                     {"version", 36},
                                                     {"channel", 8},
                                                     {"outcome", 12},
                                                     {"latency ms", 11},
                                                     {"size", 8},
                                                     {"subscription", 0}}};

std::string text_line(const std::array<std::string_view, text_columns.size()>& cells) {
    fhir::Text line;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) line.pad_to(begin);
        line << cells[i];
        begin += text_columns[i].width + 2;
    }
    return line.trim().str() + '\n';
}

std::string right_aligned(std::string_view text, std::size_t width) {
    return std::string(width - std::min(width, text.size()), ' ').append(text);
}

} // namespace

std::optional<Format> format_named(std::string_view name) {
    const auto it = std::find(format_names.begin(), format_names.end(), name);
    return it == format_names.end() ? std::nullopt : std::optional(static_cast<Format>(it - format_names.begin()));
}

std::string utc(LocalTime time) {
    const auto since = time.time_since_epoch();
    std::string text = fhir::format_instant(ServerTime(std::chrono::floor<std::chrono::milliseconds>(since)));
    const auto micros = (since - std::chrono::floor<std::chrono::milliseconds>(since)).count();
    std::array<char, 8> digits{};
    std::snprintf(digits.data(), digits.size(), "%03dZ", static_cast<int>(micros));
    text.replace(text.size() - 1, 1, digits.data());
    return text;
}

std::string RowWriter::head() const {
    if (format_ == Format::Csv) {
        return "seq,received,changed,type,id,version,deleted,subscription,channel,outcome,conflict,latency_ms,"
               "transport_ms,queued_ms,size,frame,reason\n";
    }
    if (format_ == Format::Ndjson) return {};
    std::array<std::string_view, text_columns.size()> titles;
    std::transform(text_columns.begin(), text_columns.end(), titles.begin(),
                   [](const TextColumn& column) { return column.title; });
    return text_line(titles);
}

void RowWriter::row(std::uint64_t number, std::string& out) const {
    if (format_ == Format::Text) {
        out += people_row(number);
        return;
    }
    const std::vector<Cell> cells = cells_of(snapshot_, conflicts_, number);
    if (format_ == Format::Ndjson) {
        add_ndjson(out, cells);
        return;
    }
    for (const Cell& cell : cells) {
        out += &cell == &cells.front() ? "" : ",";
        add_csv(out, cell);
    }
    out += '\n';
}

std::string RowWriter::people_row(std::uint64_t number) const {
    const engine::UpdateRow& row = snapshot_.updates[number];
    const std::string_view reference = named_by(snapshot_, number);
    // What was rejected is no version, whatever it was read for.
    const bool conflict = conflicts_.of(number) != nullptr && row.outcome != engine::Outcome::Rejected;
    const std::string received = utc(row.received);
    const std::string seq = std::to_string(number);
    const std::string latency = right_aligned(milliseconds(latency_of(snapshot_, number)), 10);
    const std::string size = right_aligned(std::to_string(row.size), 8);
    return text_line({received, seq, reference.empty() ? type_named_by(snapshot_, number) : reference,
                      row.deleted ? std::string_view("deleted") : version_of(row), engine::to_string(row.channel),
                      conflict ? std::string_view("conflict") : engine::to_string(row.outcome), latency, size,
                      subscription_of(snapshot_, row.subscription)});
}

} // namespace fhirscope::query
