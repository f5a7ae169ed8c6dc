#pragma once
// One fact: what happened or what stands in the way, as a code with what belongs to it, and the facts that it follows
// from. Sentences are made of it at the edge (words/words.hpp); nothing reads a sentence.

#include "engine/fact_code.hpp"
#include "engine/types.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace fhirscope::engine {

struct Fact {
    FactCode code = FactCode::None;
    std::string about{};  // "Task/8d0c…", a subscription's criteria or an address
    std::string name{};   // a second name: a version, a method, an address
    std::string words{};  // what others said, as they said it: a server, the network, the runtime; they are inputs
    std::string detail{}; // what a reader of texts says of one (fhir/result.hpp): our own words, so they are not hashed
    std::uint16_t status = 0; // of HTTP, or of a WebSocket that closed
    Failure failure{};        // of FactCode::Failed
    // from: of a change that was missed, or that differs here, when it was made, the server's time in ms, 0: unknown;
    // of a silence the ms since the last frame.
    std::int64_t count = 0, from = 0, to = 0;
    std::chrono::milliseconds duration{0};
    std::vector<Fact> causes{}; // the nearest first; each without causes of its own

    bool empty() const { return code == FactCode::None; }
    // The same, and it follows from `cause`.
    Fact because(Fact cause) const;
    // The same, and `more` is so as well.
    Fact also(Fact more) const;
    Fact why() const; // what it follows from, with the causes of that; none where nothing is known
    // Of it and its causes the nearest one that is so; null: none.
    template <class Predicate>
    const Fact* find(Predicate&& is_so) const {
        if (is_so(*this)) return this;
        for (const Fact& cause : causes)
            if (is_so(cause)) return &cause;
        return nullptr;
    }
    // It is of this code, or follows from one that is.
    bool has(FactCode wanted) const {
        return find([&](const Fact& fact) { return fact.code == wanted; }) != nullptr;
    }
    std::size_t text_bytes() const; // of its texts but our own words, so that nothing in the state depends on these
    bool operator==(const Fact&) const = default;

    template <class A>
    void archive(A& a) {
        archive_alone(a);
        const std::size_t size = a.count(causes.size());
        if constexpr (A::reading) {
            causes.clear();
            for (std::size_t i = 0; i < size && a.ok(); ++i) causes.emplace_back().archive_alone(a);
        } else {
            for (Fact& one : causes) one.archive_alone(a);
        }
    }

private:
    template <class A>
    void archive_alone(A& a) {
        a(code, about, name, words, status, failure, count, from, to, duration);
        a.own_words(detail);
    }
};

// What others said, and nothing else is known of it.
Fact said(std::string words);

// Cuts the texts, all together, to `most` bytes; our own words, each to as much again.
void cut_texts(Fact& fact, std::size_t most);

} // namespace fhirscope::engine
