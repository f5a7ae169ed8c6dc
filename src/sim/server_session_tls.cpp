#include "sim/server_session.hpp"

namespace fhirscope::sim {

std::shared_ptr<Connection> open_tls_session(tcp::socket socket, EmbeddedServer::Impl& server, ConnectionId id) {
    using Stream = beast::ssl_stream<beast::tcp_stream>;
    auto session =
        std::make_shared<Session<Stream>>(Stream(beast::tcp_stream(std::move(socket)), server.tls), server, id);
    session->start();
    return session;
}

} // namespace fhirscope::sim
