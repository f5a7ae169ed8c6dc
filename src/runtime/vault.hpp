#pragma once
// Hides the secrets that pass by on the wire: what stands behind it (engine, recording, log, screenshot) sees aliases
// in their place ("<binding-token-3>"). What is hidden can be put back, byte for byte: each alias stands for one text,
// and what a server writes like an alias is told apart from one (engine/alias.hpp). So what the engine holds is as good
// as the server's own text, and what is written to the server is made of that.

#include "fhir/result.hpp"
#include "fhir/thread_safety.hpp"
#include "runtime/secret.hpp"
#include "session/secret_finder.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace fhirscope::runtime {

// Thread safety: any thread.
class Vault {
public:
    // Of hidden texts that are not ours; the oldest are forgotten, and what holds their aliases cannot be put back.
    static constexpr std::size_t max_hidden_bytes = 64u << 20;

    Vault();

    // Aliases of an earlier session in this text (what it left, engine/cache.hpp) will not be given out again, so that
    // they can never stand for something else.
    void continue_after(std::string_view known);

    // From now on the value is hidden wherever it stands, in any form. For what the runtime itself sends: client
    // secret, access token. Never forgotten. False: there are too many of the kind (session/secret_finder.hpp).
    [[nodiscard]] bool protect(std::string_view kind, const Secret& secret);

    // What a server sent. Hidden are: protected values; the value of a Parameters' parameter "token", here and wherever
    // it is repeated; values named for secrets (access_token and the like); whatever looks like a JWT. Aliases of each
    // kind are numbered from 1 in the order in which the secrets are first seen.
    std::string redact(std::string text);
    // The same for messages, which nothing is ever written from.
    std::string redact_message(std::string text);
    // What a person typed into a field of a resource that has these texts: its own aliases are meant, any other becomes
    // an alias of the kind engine::foreign_kind.
    std::string redact_typed(std::string text, std::span<const std::string_view> own_texts);

    enum class Place : std::uint8_t { Json, Plain }; // inside JSON strings, or a header or an address
    // What the engine sends to the server that the text came from, with all that was hidden. Errors: Hidden (an
    // alias stands for nothing that is known here).
    Result<std::string> restore(std::string_view text, Place place) const;

    // A frame of the engine's, with binding tokens put back. Other aliases stay: nothing that is sent so needs them.
    std::string reveal(std::string_view text) const;

private:
    struct Hidden {
        std::string kind;
        std::uint64_t number = 0;
        Secret text;
        bool is_kept = false; // not to be forgotten
        bool is_binding_token = false;
        bool is_of_server = false; // came in what a server sent, or was typed
    };
    using Hiddens = std::list<Hidden>;
    enum class Source : std::uint8_t { Server, Message };

    std::string hide(std::string text, Source source) FHIRSCOPE_EXCLUDES(mutex_);
    enum class Keep : std::uint8_t { AsLongAsFits, Always };

    void append_hidden(std::string& out, const session::FoundSecret& secret, std::string_view text, Source source)
        FHIRSCOPE_REQUIRES(mutex_);
    const Hidden& hidden_for(std::string_view kind, std::string_view text, Source source, Keep keep)
        FHIRSCOPE_REQUIRES(mutex_);
    void forget(Hiddens::iterator hidden) FHIRSCOPE_REQUIRES(mutex_);
    Result<std::string> put_back(std::string_view text, Place place) const FHIRSCOPE_REQUIRES(mutex_);
    const Hidden* find(std::string_view kind, std::uint64_t number) const FHIRSCOPE_REQUIRES(mutex_);

    mutable Mutex mutex_;
    session::SecretFinder finder_ FHIRSCOPE_GUARDED_BY(mutex_);
    Hiddens forgettable_ FHIRSCOPE_GUARDED_BY(mutex_), kept_ FHIRSCOPE_GUARDED_BY(mutex_);         // the oldest first
    std::unordered_multimap<std::size_t, Hiddens::iterator> by_text_ FHIRSCOPE_GUARDED_BY(mutex_); // by hash
    std::map<std::pair<std::string, std::uint64_t>, Hiddens::iterator, std::less<>> by_alias_
        FHIRSCOPE_GUARDED_BY(mutex_);
    std::map<std::string, std::uint64_t, std::less<>> counts_ FHIRSCOPE_GUARDED_BY(mutex_); // by kind
    std::size_t forgettable_bytes_ FHIRSCOPE_GUARDED_BY(mutex_) = 0, kept_bytes_ FHIRSCOPE_GUARDED_BY(mutex_) = 0;
    bool has_forgotten_ FHIRSCOPE_GUARDED_BY(mutex_) = false;
    bool has_lost_tokens_ FHIRSCOPE_GUARDED_BY(mutex_) = false; // said already
};

} // namespace fhirscope::runtime
