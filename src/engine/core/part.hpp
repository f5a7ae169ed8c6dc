#pragma once
// What the header of every part of the state begins with. A part is a struct in the header of the file that works on
// it, with its own archive. Internal to src/engine, as are all its rooms.

#include "engine/engine.hpp"

#include <memory>

namespace fhirscope::engine {

using State = Engine::State;

constexpr LocalTime never{};
constexpr std::size_t longest_reason = 2'048; // bytes kept of what a server or the network says

// Of two deadlines the one that comes first.
constexpr LocalTime earlier(LocalTime one, LocalTime other) {
    if (one == never || other == never) return one == never ? other : one;
    return one < other ? one : other;
}

// A part as the state holds it: only a file that includes the part's header can look into it.
template <class T>
class Part {
public:
    Part() : value_(std::make_unique<T>()) {}
    Part(const Part& other) : value_(std::make_unique<T>(*other.value_)) {}
    Part& operator=(const Part&) = delete;
    T* operator->() { return value_.get(); }
    const T* operator->() const { return value_.get(); }
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    template <class A>
    void archive(A& a) {
        a(*value_);
    }

private:
    std::unique_ptr<T> value_;
};

} // namespace fhirscope::engine
