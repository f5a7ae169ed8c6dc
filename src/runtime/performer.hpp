#pragma once
// Turns the engine's effects into traffic and the traffic into inputs, in which no secret is left.

#include "engine/effect.hpp"
#include "engine/input.hpp"
#include "runtime/engine_loop.hpp"
#include "runtime/net.hpp"
#include "runtime/oauth.hpp"
#include "runtime/vault.hpp"

#include <memory>
#include <string>

namespace fhirscope::runtime {

// Thread safety: perform() from any thread; it does its work on the network thread, and pushes its inputs there.
class Performer {
public:
    Performer(Network& network, TokenSource& tokens, Vault& vault, Url base, EngineLoop& loop);

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
    EngineLoop& loop_;
    std::string told_of_socket_; // another server's, to which a binding token went
};

} // namespace fhirscope::runtime
