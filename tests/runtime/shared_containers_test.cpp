// What a snapshot shares with the engine, written by one thread and read by others without a lock. ThreadSanitizer
// watches; what is read is checked, too.

#include "engine/chunked.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

using namespace fhirscope::engine;

namespace {

constexpr std::uint64_t publications = 2000;
constexpr std::size_t readers = 2;

// As the engine loop hands its snapshot over: the newest one, under a lock that is held for the copy alone.
template <class View>
class Newest {
public:
    void set(View view, std::uint64_t number) {
        const std::lock_guard lock(mutex_);
        view_ = std::move(view);
        number_ = number;
    }
    std::pair<View, std::uint64_t> get() const {
        const std::lock_guard lock(mutex_);
        return {view_, number_};
    }

private:
    mutable std::mutex mutex_;
    View view_;
    std::uint64_t number_ = 0;
};

struct Seen {
    std::uint64_t views = 0, wrong = 0;
};

// Reads what is newest until the last publication was read; `wrong(view, number)` counts what is not as published.
template <class View, class Wrong>
std::array<Seen, readers> read_along(const Newest<View>& newest, const Wrong& wrong,
                                     const std::function<void()>& write) {
    std::array<Seen, readers> seen;
    {
        std::array<std::jthread, readers> threads;
        for (std::size_t i = 0; i < readers; ++i) {
            threads[i] = std::jthread([&, i] {
                for (std::uint64_t last = 0; last < publications;) {
                    const auto [view, number] = newest.get();
                    last = number;
                    ++seen[i].views;
                    seen[i].wrong += wrong(view, number);
                }
            });
        }
        write();
    }
    return seen;
}

} // namespace

TEST_CASE("a sequence that one thread writes is read by others as it was published") {
    using Numbers = Chunked<std::uint64_t, 4>;
    Newest<Numbers::View> newest;
    const auto seen = read_along(
        newest,
        [](const Numbers::View& view, std::uint64_t number) {
            std::uint64_t wrong = view.size() == number ? 0 : 1;
            // Publication n has n items; the first was written last, and says so.
            for (std::size_t i = 0; i < view.size(); ++i) wrong += view[i] > number ? 1 : 0;
            if (number > 0) wrong += view[0] == number ? 0 : 1;
            return wrong;
        },
        [&] {
            Numbers numbers;
            for (std::uint64_t n = 1; n <= publications; ++n) {
                numbers.push_back(n);
                numbers.set(0, n);
                newest.set(numbers.publish(), n);
            }
        });
    for (const Seen& reader : seen) {
        CHECK(reader.views > 0);
        CHECK(reader.wrong == 0);
    }
}

TEST_CASE("a log that one thread writes and shortens is read by others as it was published") {
    using Entries = Log<std::uint64_t, 8>;
    Newest<Entries::View> newest;
    const auto seen = read_along(
        newest,
        [](const Entries::View& view, std::uint64_t number) {
            std::uint64_t wrong = view.end() == number ? 0 : 1;
            for (std::uint64_t n = view.first(); n < view.end(); ++n) wrong += view[n] == n * n ? 0 : 1;
            return wrong;
        },
        [&] {
            Entries entries(64);
            for (std::uint64_t n = 0; n < publications; ++n) {
                entries.push_back(n * n);
                if (n % 100 == 99) static_cast<void>(entries.drop_chunk());
                newest.set(entries.publish(), n + 1);
            }
        });
    for (const Seen& reader : seen) {
        CHECK(reader.views > 0);
        CHECK(reader.wrong == 0);
    }
}
