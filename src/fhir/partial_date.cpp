#include "fhir/partial_date.hpp"

#include "fhir/ascii.hpp"

#include <chrono>

namespace fhirscope::fhir {
namespace {

// Reads fixed-width fields from the front of a text; the first that is not as expected makes every later read fail.
class DateReader {
public:
    explicit DateReader(std::string_view text) : text_(text) {}

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
            if (!is_digit(text_[i])) ok_ = false;
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

void read_fraction(DateReader& reader, PartialDate& date) {
    date.precision = Precision::Fraction;
    int scale = 100;
    while (is_digit(reader.peek())) {
        date.milliseconds += (reader.peek() - '0') * scale;
        scale /= 10;
        ++date.fraction_digits;
        reader.accept(reader.peek());
    }
    if (date.fraction_digits == 0) reader.expect('0'); // fails: it is not there
}

void read_time(DateReader& reader, PartialDate& date) {
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

} // namespace

std::optional<PartialDate> read_partial_date(std::string_view text) {
    PartialDate date;
    DateReader reader(text);
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

std::int64_t start_of(const PartialDate& date) {
    namespace chr = std::chrono;
    const chr::sys_days first =
        chr::year_month_day{chr::year(date.year), chr::month(static_cast<unsigned>(date.month)), chr::day(1)};
    const auto time = chr::hours(date.hour) + chr::minutes(date.minute - date.offset_minutes) +
                      chr::seconds(date.second) + chr::milliseconds(date.milliseconds);
    return chr::duration_cast<chr::milliseconds>((first + chr::days(date.day - 1)).time_since_epoch() + time).count();
}

} // namespace fhirscope::fhir
