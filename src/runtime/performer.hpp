#pragma once
// Turns the engine's effects into traffic and the traffic into inputs, in which no secret is left.

#include "engine/effect.hpp"
#include "engine/input.hpp"
#include "runtime/net.hpp"
#include "runtime/oauth.hpp"
#include "runtime/vault.hpp"

#include <functional>
#include <memory>
#include <string>

namespace fhirscope::runtime {

// Thread safety: perform() from any thread; it does its work on the network thread, and `push` is called there.
class Performer {
public:
    // Takes an input, stamped with the moment of `now`. False: read no further for the time being.
    using Push = std::function<bool(engine::InputBody, LocalTime)>;

    Performer(Network& network, TokenSource& tokens, Vault& vault, Url base, Push push, std::function<LocalTime()> now);

    void perform(engine::Effect effect);

private:
    struct Call;

    void request(engine::SendRequest effect);
    Result<void> put_back(engine::SendRequest& effect, Url& url) const;
    NetResult<Url> socket_url(const std::string& text) const;
    void authorize(std::shared_ptr<Call> call);
    void forbid(const Call& call);
    void answer(std::shared_ptr<Call> call, NetResult<HttpResponse> result);
    void fail(engine::RequestId request, NetError error);
    void open(const engine::OpenSocket& effect);

    Network& network_;
    TokenSource& tokens_;
    Vault& vault_;
    const Url base_;
    const Push push_;
    const std::function<LocalTime()> now_;
    std::string told_of_socket_; // another server's, to which a binding token went
};

} // namespace fhirscope::runtime
