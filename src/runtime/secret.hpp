#pragma once
// A value that must never be seen: a client secret, an access token, a binding token.

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace fhirscope::runtime {

// Cannot be printed, streamed, formatted, compared, copied or archived: each of these does not compile. The one way to
// the value is expose(), so every use of it can be found by that word. The memory is wiped when it is given back.
//
// Thread safety: a const Secret may be read by any thread.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string_view value);
    // Takes the value out of a string and wipes the string.
    static Secret take(std::string& value);
    ~Secret();
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    std::string_view expose() const { return {bytes_.get(), size_}; }
    bool empty() const { return size_ == 0; }

    bool operator==(const Secret&) const = delete;
    auto operator<=>(const Secret&) const = delete;
    friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;
    template <class A>
    void archive(A&) = delete;

private:
    void wipe() noexcept;

    std::unique_ptr<char[]> bytes_; // on the heap, so that a move leaves no copy behind
    std::size_t size_ = 0;
};

using SecretPtr = std::shared_ptr<const Secret>;
SecretPtr make_secret(std::string_view value);

// Overwrites and empties a string that held a secret on its way somewhere.
void wipe(std::string& text) noexcept;

} // namespace fhirscope::runtime
