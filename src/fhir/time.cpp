#include "fhir/time.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace fhirscope::fhir {
namespace {

// Reads fixed-width fields from the front of a text; the first that is not as expected makes every later read fail.
class FieldReader {
public:
    explicit FieldReader(std::string_view text) : text_(text) {}

    bool ok() const { return ok_; }
    bool at_end() const { return text_.empty(); }
    char peek() const { return text_.empty() ? '\0' : text_.front(); }

    int digits(std::size_t count) {
        int value = 0;
        if (text_.size() < count) {
            ok_ = false;
            return 0;
        }
        for (std::size_t i = 0; i < count; ++i) {
            const char c = text_[i];
            if (c < '0' || c > '9') ok_ = false;
            value = value * 10 + (c - '0');
        }
        text_.remove_prefix(count);
        return value;
    }

    void literal(char expected) {
        if (peek() != expected) {
            ok_ = false;
            return;
        }
        text_.remove_prefix(1);
    }

    // Any number of fraction digits, at least one; what is finer than a millisecond is cut.
    int fraction_as_milliseconds() {
        int value = 0;
        int read = 0;
        while (peek() >= '0' && peek() <= '9') {
            if (read < 3) value = value * 10 + (peek() - '0');
            ++read;
            text_.remove_prefix(1);
        }
        if (read == 0) ok_ = false;
        for (; read < 3; ++read) value *= 10;
        return value;
    }

private:
    std::string_view text_;
    bool ok_ = true;
};

} // namespace

std::optional<ServerTime> parse_instant(std::string_view text) {
    namespace chr = std::chrono;
    FieldReader reader(text);
    const int year = reader.digits(4);
    reader.literal('-');
    const int month = reader.digits(2);
    reader.literal('-');
    const int day = reader.digits(2);
    reader.literal('T');
    const int hour = reader.digits(2);
    reader.literal(':');
    const int minute = reader.digits(2);
    reader.literal(':');
    const int second = reader.digits(2);
    int millisecond = 0;
    if (reader.peek() == '.') {
        reader.literal('.');
        millisecond = reader.fraction_as_milliseconds();
    }

    chr::minutes offset{0};
    if (reader.peek() == 'Z') {
        reader.literal('Z');
    } else {
        const char sign = reader.peek();
        if (sign != '+' && sign != '-') return std::nullopt;
        reader.literal(sign);
        const int offset_hours = reader.digits(2);
        reader.literal(':');
        const int offset_minutes = reader.digits(2);
        // The specification's expression ends at 14:00, the easternmost zone there is.
        if (offset_minutes > 59 || offset_hours > 14 || (offset_hours == 14 && offset_minutes != 0))
            return std::nullopt;
        offset = chr::hours(offset_hours) + chr::minutes(offset_minutes);
        if (sign == '-') offset = -offset;
    }

    // Second 60 is a leap second: legal in FHIR, and on our time line the same as the second after.
    if (!reader.ok() || !reader.at_end() || year < 1 || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const chr::year_month_day date{chr::year(year), chr::month(static_cast<unsigned>(month)),
                                   chr::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;

    const auto since_epoch = chr::sys_days(date).time_since_epoch() + chr::hours(hour) + chr::minutes(minute) +
                             chr::seconds(second) + chr::milliseconds(millisecond) - offset;
    return ServerTime(chr::duration_cast<chr::milliseconds>(since_epoch));
}

std::optional<LooseInstant> parse_loose_instant(std::string_view text) {
    if (const auto exact = parse_instant(text)) return LooseInstant{*exact, true};
    constexpr std::size_t date_size = 10, minutes_size = 16;
    if (text.size() < minutes_size || text.size() > 64) return std::nullopt;
    std::string written(text);
    if (written[date_size] == ' ' || written[date_size] == 't') written[date_size] = 'T';
    if (written.back() == 'z') written.back() = 'Z';
    const std::size_t zone = written.find_first_of("Z+-", minutes_size);
    std::string time = written.substr(0, zone);
    std::string offset = zone == std::string::npos ? "" : written.substr(zone);
    if (time.size() == minutes_size) time += ":00";
    if (offset.size() == 3) offset += ":00";                              // +02
    if (offset.size() == 5 && offset[3] != ':') offset.insert(3, 1, ':'); // +0200
    const auto read = parse_instant(time + (offset.empty() ? "Z" : offset));
    return read ? std::optional(LooseInstant{*read, !offset.empty()}) : std::nullopt;
}

std::optional<ServerTime> parse_http_date(std::string_view text) {
    constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // "Tue, 10 Feb 2026 10:30:15 GMT" (RFC 9110, the form that is to be sent)
    if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return std::nullopt;
    const auto month = std::find(std::begin(months), std::end(months), text.substr(8, 3));
    if (month == std::end(months)) return std::nullopt;
    const auto number = month - std::begin(months) + 1;
    std::string written(text.substr(12, 4));
    written.append(number < 10 ? "-0" : "-").append(std::to_string(number)).append(1, '-').append(text.substr(5, 2));
    return parse_instant(written.append(1, 'T').append(text.substr(17, 8)).append(1, 'Z'));
}

std::string format_instant(ServerTime time) {
    namespace chr = std::chrono;
    const auto day = chr::floor<chr::days>(chr::sys_time<chr::milliseconds>(time.time_since_epoch()));
    const chr::year_month_day date(day);
    const chr::hh_mm_ss clock(time.time_since_epoch() - day.time_since_epoch());
    char text[64];
    const int size =
        std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return std::string(text, static_cast<std::size_t>(size));
}

} // namespace fhirscope::fhir
