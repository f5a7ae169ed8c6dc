#include "runtime/secret.hpp"

#include <string.h>

#include <cstring>
#include <utility>

namespace fhirscope::runtime {

Secret::Secret(std::string_view value) : size_(value.size()) {
    if (size_ == 0) return;
    bytes_.reset(new char[size_]);
    std::memcpy(bytes_.get(), value.data(), size_);
}

Secret Secret::take(std::string& value) {
    Secret secret{std::string_view(value)};
    runtime::wipe(value);
    return secret;
}

Secret::~Secret() { wipe(); }

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    return *this;
}

void Secret::wipe() noexcept {
    if (bytes_) explicit_bzero(bytes_.get(), size_);
    bytes_.reset();
    size_ = 0;
}

SecretPtr make_secret(std::string_view value) { return std::make_shared<const Secret>(value); }

void wipe(std::string& text) noexcept {
    explicit_bzero(text.data(), text.size());
    text.clear();
}

} // namespace fhirscope::runtime
