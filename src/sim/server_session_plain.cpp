#include "sim/server_session.hpp"

namespace fhirscope::sim {

std::shared_ptr<Connection> open_plain_session(tcp::socket socket, EmbeddedServer::Impl& server, ConnectionId id) {
    auto session = std::make_shared<Session<beast::tcp_stream>>(beast::tcp_stream(std::move(socket)), server, id);
    session->start();
    return session;
}

} // namespace fhirscope::sim
