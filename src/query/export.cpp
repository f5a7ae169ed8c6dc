#include "query/export.hpp"

#include "fhir/json.hpp"
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
    if (!value) {
        return {};
    }
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
        {"type", std::string(type_of(snapshot, row))},
        {"id", std::string(id_of(reference_of(snapshot, row)))},
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

// RFC 4180: quotes where a value has a comma, a quote or a line end.
void add_csv(std::string& out, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char ch : text) {
        out += ch;
        if (ch == '"') {
            out += '"';
        }
    }
    out += '"';
}

struct TextColumn {
    std::string_view title;
    std::size_t width;
};
constexpr std::array<TextColumn, 9> kText = {{{"received (UTC)", 27},
                                              {"seq", 9},
                                              {"resource", 46},
                                              {"version", 8},
                                              {"channel", 8},
                                              {"outcome", 12},
                                              {"latency ms", 11},
                                              {"size", 8},
                                              {"subscription", 0}}};

void add_text(std::string& out, std::size_t column, std::string_view text) {
    out += text;
    if (column + 1 < kText.size()) {
        out.append(text.size() < kText[column].width ? kText[column].width - text.size() : 0, ' ');
        out += "  ";
    }
}

void end_line(std::string& out) {
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
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
    std::string out;
    if (format_ == Format::text) {
        for (std::size_t i = 0; i < kText.size(); ++i) {
            add_text(out, i, kText[i].title);
        }
        end_line(out);
    } else if (format_ == Format::csv) {
        out =
            "seq,received,changed,type,id,version,deleted,subscription,channel,outcome,conflict,latency_ms,"
            "transport_ms,queued_ms,size,frame,reason\n";
    }
    return out;
}

void RowWriter::row(std::uint64_t number, std::string& out) const {
    const std::vector<Cell> cells = cells_of(snapshot_, conflicts_, number);
    if (format_ == Format::csv) {
        for (const Cell& cell : cells) {
            out += &cell == &cells.front() ? "" : ",";
            add_csv(out, cell.text);
        }
        out += '\n';
        return;
    }
    if (format_ == Format::ndjson) {
        out += '{';
        for (const Cell& cell : cells) {
            if (!cell.text.empty()) {
                out += &cell == &cells.front() ? "\"" : ",\"";
                out.append(cell.name).append("\":");
                out += cell.plain ? cell.text : fhir::quote(cell.text);
            }
        }
        out += "}\n";
        return;
    }
    const engine::UpdateRow& row = snapshot_.updates[number];
    const std::string_view reference = reference_of(snapshot_, row);
    const bool conflict = conflicts_.of(number) != nullptr;
    std::string line;
    add_text(line, 0, utc(row.received));
    add_text(line, 1, std::to_string(number));
    add_text(line, 2, reference.empty() ? type_of(snapshot_, row) : reference);
    add_text(line, 3, row.deleted ? std::string_view("deleted") : version_of(row));
    add_text(line, 4, engine::to_string(row.channel));
    add_text(line, 5, conflict ? std::string_view("conflict") : engine::to_string(row.outcome));
    const std::string latency = milliseconds(latency_of(snapshot_, number));
    add_text(line, 6, std::string(10 - std::min<std::size_t>(10, latency.size()), ' ') + latency);
    const std::string size = std::to_string(row.size);
    add_text(line, 7, std::string(8 - std::min<std::size_t>(8, size.size()), ' ') + size);
    add_text(line, 8, subscription_of(snapshot_, row.subscription));
    end_line(line);
    out += line;
}

} // namespace fhirscope::query
