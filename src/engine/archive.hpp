#pragma once
// One description of a struct serves writing, reading and hashing it: `template <class A> void archive(A& a) { a(x, y);
// }`. So a field cannot be saved and forgotten when read, or left out of the state hash.
//
// Format: little-endian fixed-width integers, length-prefixed strings and containers; unordered maps in key order, so
// that equal states give equal bytes. It is read only by the build that wrote it; what is kept longer is a message
// (message.hpp).

#include "fhir/resource.hpp"

#include <array>
#include <bit>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace fhirscope::engine {

static_assert(std::endian::native == std::endian::little,
              "archives are written as the machine's own little-endian bytes");

template <class T, class A>
concept Archivable = requires(T& value, A& archive) {
    value.archive(archive);
};

template <class Derived>
class ArchiveBase {
public:
    template <class... Ts>
    void operator()(Ts&... values) {
        (visit(values), ...);
    }
    template <class... Ts>
    void fields(std::string_view, Ts&... values) {
        (visit(values), ...);
    }

    // What we say in our own words is kept, and is no part of the hash: a changed word changes no hash.
    void own_words(std::string& text) {
        if constexpr (!Derived::hashing) visit(text);
    }

    template <class T>
    void visit(T& value) {
        using V = std::remove_const_t<T>;
        auto& v = const_cast<V&>(value); // writers never change it
        if constexpr (Archivable<V, Derived>) {
            v.archive(self());
        } else if constexpr (std::is_same_v<V, bool>) { // a byte read that is neither 0 nor 1 must not become a bool
            auto byte = static_cast<std::uint8_t>(v);
            self().raw(&byte, 1);
            v = byte != 0;
        } else if constexpr (std::is_arithmetic_v<V> || std::is_enum_v<V>) {
            self().raw(&v, sizeof v);
        } else {
            visit_compound(v);
        }
    }

private:
    Derived& self() { return static_cast<Derived&>(*this); }

    template <class Rep, class Period>
    void visit_compound(std::chrono::duration<Rep, Period>& value) {
        Rep count = value.count();
        visit(count);
        value = std::chrono::duration<Rep, Period>(count);
    }
    template <class Clock, class Duration>
    void visit_compound(std::chrono::time_point<Clock, Duration>& value) {
        auto since = value.time_since_epoch();
        visit_compound(since);
        value = std::chrono::time_point<Clock, Duration>(since);
    }
    void visit_compound(std::string& value) {
        const std::size_t size = self().count(value.size());
        if constexpr (Derived::reading) value.resize(size);
        self().raw(value.data(), size);
    }
    template <class T, std::size_t N>
    void visit_compound(std::array<T, N>& value) {
        for (auto& item : value) visit(item);
    }
    template <class T>
    void visit_compound(std::vector<T>& value) {
        visit_sequence(value);
    }
    template <class T>
    void visit_compound(std::deque<T>& value) {
        visit_sequence(value);
    }
    template <class C>
    void visit_sequence(C& value) {
        const std::size_t size = self().count(value.size());
        if constexpr (Derived::reading) {
            value.clear();
            for (std::size_t i = 0; i < size && self().ok(); ++i) visit(value.emplace_back());
        } else {
            for (auto& item : value) visit(item);
        }
    }
    template <class A, class B>
    void visit_compound(std::pair<A, B>& value) {
        (visit(value.first), visit(value.second));
    }
    template <class T>
    void visit_compound(std::optional<T>& value) {
        bool present = value.has_value();
        visit(present);
        if constexpr (Derived::reading) present ? void(value.emplace()) : value.reset();
        if (present) visit(*value);
    }
    template <class K, class... R>
    void visit_compound(std::set<K, R...>& value) {
        const std::size_t size = self().count(value.size());
        if constexpr (Derived::reading) {
            value.clear();
            for (std::size_t i = 0; i < size && self().ok(); ++i) {
                K key{};
                visit(key);
                value.insert(std::move(key));
            }
        } else {
            for (const auto& key : value) visit(key);
        }
    }
    template <class K, class V, class... R>
    void visit_compound(std::map<K, V, R...>& value) {
        if constexpr (Derived::reading) {
            value.clear();
            visit_read_map(value);
        } else {
            self().count(value.size());
            for (auto& [k, v] : value) (visit(k), visit(v));
        }
    }
    template <class K, class V, class... R>
    void visit_compound(std::multimap<K, V, R...>& value) {
        const std::size_t size = self().count(value.size());
        if constexpr (Derived::reading) {
            value.clear();
            for (std::size_t i = 0; i < size && self().ok(); ++i) {
                std::pair<K, V> item;
                visit(item);
                value.insert(std::move(item));
            }
        } else {
            for (auto& [k, v] : value) (visit(k), visit(v));
        }
    }
    template <class K, class V, class... R>
    void visit_compound(std::unordered_map<K, V, R...>& value) {
        if constexpr (Derived::reading) {
            value.clear();
            visit_read_map(value);
        } else {
            std::map<K, V*> sorted;
            for (auto& [k, v] : value) sorted.emplace(k, &v);
            self().count(sorted.size());
            for (auto& [k, v] : sorted) (visit(k), visit(*v));
        }
    }
    template <class M>
    void visit_read_map(M& value) {
        const std::size_t size = self().count(0);
        for (std::size_t i = 0; i < size && self().ok(); ++i) {
            typename M::key_type key{};
            visit(key);
            visit(value[key]);
        }
    }
    void visit_compound(fhir::ResourcePtr& value) {
        // 0: none, 1: its text, 2: and the headers that stand in for what it lacks
        fhir::Headers headers = value ? fhir::stand_ins(*value) : fhir::Headers();
        std::uint8_t kind = !value ? 0 : headers.etag.empty() && headers.last_modified.empty() ? 1 : 2;
        visit(kind);
        if constexpr (Derived::reading) {
            value.reset();
            if (kind == 0) return;
            std::string text;
            visit_compound(text);
            if (kind == 2) (visit_compound(headers.etag), visit_compound(headers.last_modified));
            if (!self().ok()) return;
            auto parsed = fhir::parse_resource(text, fhir::answer_limits(), headers);
            parsed ? void(value = *parsed) : self().fail();
        } else if (kind != 0) {
            std::uint64_t size = value->text().size();
            self().raw(&size, sizeof size);
            self().raw(value->text().data(), value->text().size());
            if (kind == 2) (visit_compound(headers.etag), visit_compound(headers.last_modified));
        }
    }
    template <class T>
    void visit_compound(std::shared_ptr<T>& value) {
        using V = std::remove_const_t<T>;
        bool present = value != nullptr;
        visit(present);
        if constexpr (Derived::reading) {
            value.reset();
            if (!present) return;
            auto fresh = std::make_shared<V>();
            visit(*fresh);
            value = std::move(fresh);
        } else if (present) {
            visit(const_cast<V&>(*value));
        }
    }
    template <class... Ts>
    void visit_compound(std::variant<Ts...>& value) {
        auto index = static_cast<std::uint8_t>(value.index());
        visit(index);
        if constexpr (Derived::reading) {
            if (index >= sizeof...(Ts)) return self().fail();
            std::size_t i = 0;
            ((i++ == index ? void(value.template emplace<Ts>()) : void()), ...);
        }
        std::visit([this](auto& alternative) { visit(alternative); }, value);
    }
};

class ArchiveWriter : public ArchiveBase<ArchiveWriter> {
public:
    static constexpr bool reading = false, hashing = false;
    explicit ArchiveWriter(std::string& out) : out_(out) {}
    void raw(const void* data, std::size_t size) { out_.append(static_cast<const char*>(data), size); }
    std::size_t count(std::size_t n) {
        const std::uint64_t wide = n;
        raw(&wide, sizeof wide);
        return n;
    }
    bool ok() const { return true; }
    void fail() {}

private:
    std::string& out_;
};

// Reads untrusted bytes: never past the end, never a container larger than the bytes left could fill.
class ArchiveReader : public ArchiveBase<ArchiveReader> {
public:
    static constexpr bool reading = true, hashing = false;
    explicit ArchiveReader(std::string_view in) : in_(in) {}
    void raw(void* data, std::size_t size) {
        if (failed_ || size > in_.size()) {
            failed_ = true;
            std::memset(data, 0, size);
            return;
        }
        std::memcpy(data, in_.data(), size);
        in_.remove_prefix(size);
    }
    std::size_t count(std::size_t) {
        std::uint64_t wide = 0;
        raw(&wide, sizeof wide);
        if (wide > in_.size()) {
            failed_ = true;
            return 0;
        }
        return static_cast<std::size_t>(wide);
    }
    bool ok() const { return !failed_; }
    void fail() { failed_ = true; }
    bool at_end() const { return in_.empty(); }

private:
    std::string_view in_;
    bool failed_ = false;
};

template <class T>
std::string to_bytes(const T& value) {
    std::string out;
    ArchiveWriter writer(out);
    writer(const_cast<T&>(value));
    return out;
}

} // namespace fhirscope::engine
