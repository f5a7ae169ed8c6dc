#include "fhir/criteria_dates.hpp"

#include <array>
#include <utility>

namespace fhirscope::fhir {
namespace {

enum class Precision : std::uint8_t { Year, Month, Day, Hour, Minute, Second, Fraction };

struct PartialDate {
    Precision precision = Precision::Year;
    int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0;
    int fraction_digits = 0;
    int milliseconds = 0; // of the digits given
    int offset_minutes = 0;
    bool has_zone = false;
};

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool ok() const { return ok_; }
    bool at_end() const { return text_.empty(); }
    char peek() const { return text_.empty() ? '\0' : text_.front(); }

    bool accept(char c) {
        if (peek() != c) return false;
        text_.remove_prefix(1);
        return true;
    }

    int number(std::size_t digits, int low, int high) {
        int value = 0;
        if (text_.size() < digits) {
            ok_ = false;
            return low;
        }
        for (std::size_t i = 0; i < digits; ++i) {
            if (text_[i] < '0' || text_[i] > '9') ok_ = false;
            value = value * 10 + (text_[i] - '0');
        }
        text_.remove_prefix(digits);
        if (value < low || value > high) ok_ = false;
        return value;
    }

    void expect(char c) {
        if (!accept(c)) ok_ = false;
    }

private:
    std::string_view text_;
    bool ok_ = true;
};

void read_fraction(Reader& reader, PartialDate& date) {
    date.precision = Precision::Fraction;
    int scale = 100;
    while (reader.peek() >= '0' && reader.peek() <= '9') {
        date.milliseconds += (reader.peek() - '0') * scale;
        scale /= 10;
        ++date.fraction_digits;
        reader.accept(reader.peek());
    }
    if (date.fraction_digits == 0 || date.fraction_digits > 9)
        reader.expect('0'); // fails: neither a digit nor anything else is right here
}

void read_time(Reader& reader, PartialDate& date) {
    date.precision = Precision::Hour;
    date.hour = reader.number(2, 0, 23);
    if (reader.accept(':')) {
        date.precision = Precision::Minute;
        date.minute = reader.number(2, 0, 59);
        if (reader.accept(':')) {
            date.precision = Precision::Second;
            date.second = reader.number(2, 0, 60);
            if (reader.accept('.')) read_fraction(reader, date);
        }
    }
    if (reader.accept('Z')) {
        date.has_zone = true;
    } else if (reader.peek() == '+' || reader.peek() == '-') {
        const int sign = reader.peek() == '-' ? -1 : 1;
        reader.accept(reader.peek());
        const int hours = reader.number(2, 0, 14);
        reader.expect(':');
        date.offset_minutes = sign * (hours * 60 + reader.number(2, 0, hours == 14 ? 0 : 59));
        date.has_zone = true;
    }
}

std::optional<PartialDate> read_date(std::string_view text) {
    PartialDate date;
    Reader reader(text);
    date.year = reader.number(4, 1, 9999);
    if (reader.accept('-')) {
        date.precision = Precision::Month;
        date.month = reader.number(2, 1, 12);
        if (reader.accept('-')) {
            date.precision = Precision::Day;
            date.day = reader.number(2, 1, 31);
            if (reader.accept('T')) read_time(reader, date);
        }
    }
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    return date;
}

int last_day_of_month(int year, int month) {
    namespace chr = std::chrono;
    const chr::year_month_day_last last{chr::year(year), chr::month_day_last(chr::month(static_cast<unsigned>(month)))};
    return static_cast<int>(static_cast<unsigned>(last.day()));
}

bool is_in_calendar(const PartialDate& date) { return date.day <= last_day_of_month(date.year, date.month); }

// A day beyond the month's end counts on into the next month.
std::int64_t to_milliseconds(int year, int month, int day, std::int64_t millisecond_of_day) {
    namespace chr = std::chrono;
    const chr::sys_days first =
        chr::year_month_day{chr::year(year), chr::month(static_cast<unsigned>(month)), chr::day(1)};
    const chr::sys_days date = first + chr::days(day - 1);
    return chr::duration_cast<chr::milliseconds>(date.time_since_epoch()).count() + millisecond_of_day;
}

std::int64_t start_of(const PartialDate& d) {
    const std::int64_t time = ((d.hour * 60 + d.minute) * 60 + d.second) * 1000LL + d.milliseconds;
    return to_milliseconds(d.year, d.month, d.day, time) - d.offset_minutes * 60'000LL;
}

// `month_end` gives the last day of a month that is named without one.
std::int64_t end_of(PartialDate d, int (*month_end)(int, int)) {
    static constexpr std::array<int, 4> unsaid_milliseconds{999, 99, 9, 0};
    if (d.precision == Precision::Year) d.month = 12;
    if (d.precision <= Precision::Month) d.day = month_end(d.year, d.month);
    if (d.precision <= Precision::Day) d.hour = 23;
    if (d.precision <= Precision::Hour) d.minute = 59;
    if (d.precision <= Precision::Minute) d.second = 59;
    d.milliseconds += unsaid_milliseconds[d.fraction_digits < 3 ? static_cast<std::size_t>(d.fraction_digits) : 3];
    return start_of(d);
}

int always_31(int, int) { return 31; }

} // namespace

PrefixedDate split_date_prefix(std::string_view value) {
    static constexpr std::array<std::pair<std::string_view, DatePrefix>, 9> prefixes{{{"eq", DatePrefix::Eq},
                                                                                      {"ne", DatePrefix::Ne},
                                                                                      {"lt", DatePrefix::Lt},
                                                                                      {"gt", DatePrefix::Gt},
                                                                                      {"le", DatePrefix::Le},
                                                                                      {"ge", DatePrefix::Ge},
                                                                                      {"sa", DatePrefix::Sa},
                                                                                      {"eb", DatePrefix::Eb},
                                                                                      {"ap", DatePrefix::Ap}}};
    for (const auto& [text, prefix] : prefixes)
        if (value.starts_with(text)) return {prefix, value.substr(2)};
    return {DatePrefix::Eq, value};
}

std::optional<DateInterval> date_interval(std::string_view text) {
    const std::optional<PartialDate> date = read_date(text);
    if (!date || !is_in_calendar(*date) || date->precision == Precision::Hour) return std::nullopt;
    return DateInterval{start_of(*date), end_of(*date, last_day_of_month)};
}

std::optional<DateInterval> medplum_date_interval(std::string_view text) {
    const std::optional<PartialDate> date = read_date(text);
    // Its dateTime may end at the hour but not at the minute, and JavaScript knows no leap seconds.
    if (!date || date->precision == Precision::Minute || date->second == 60) return std::nullopt;
    return DateInterval{start_of(*date), end_of(*date, always_31)};
}

bool is_medplum_search_date(std::string_view text) {
    const std::optional<PartialDate> date = read_date(text);
    return date && is_in_calendar(*date) && date->precision != Precision::Hour && date->second != 60;
}

bool spec_date_matches(DateInterval value, DatePrefix prefix, DateInterval filter) {
    const bool within = value.start >= filter.start && value.end <= filter.end;
    switch (prefix) {
        case DatePrefix::Eq:
            return within;
        case DatePrefix::Ne:
            return !within;
        case DatePrefix::Lt:
            return value.start < filter.start;
        case DatePrefix::Gt:
            return value.end > filter.end;
        case DatePrefix::Le:
            return value.start < filter.start || within;
        case DatePrefix::Ge:
            return value.end > filter.end || within;
        case DatePrefix::Sa:
            return value.start > filter.end;
        case DatePrefix::Eb:
            return value.end < filter.start;
        case DatePrefix::Ap:
            return value.start <= filter.end && value.end >= filter.start;
    }
    return false;
}

bool medplum_date_matches(DateInterval value, DatePrefix prefix, DateInterval filter) {
    switch (prefix) {
        case DatePrefix::Eq:
        case DatePrefix::Ne:
        case DatePrefix::Ap:
            return value.start < filter.end && value.end > filter.start;
        case DatePrefix::Lt:
            return value.start < filter.start;
        case DatePrefix::Gt:
            return value.end > filter.end;
        case DatePrefix::Le:
            return value.start <= filter.end;
        case DatePrefix::Ge:
            return value.end >= filter.start;
        case DatePrefix::Sa:
            return value.start > filter.end;
        case DatePrefix::Eb:
            return value.end < filter.start;
    }
    return false;
}

} // namespace fhirscope::fhir
