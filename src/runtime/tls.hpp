#pragma once
// What a refused certificate means, in words that name the remedy.

#include <openssl/ssl.h>

#include <string>

namespace fhirscope::runtime {

// The first thing wrong with a server's certificate chain.
struct CertificateProblem {
    int error = X509_V_OK;
    std::string names; // that the certificate is for
    std::string issuer;
    std::string begins, ends;
};

// Called for each certificate while a chain is checked; keeps the first problem.
void note_problem(CertificateProblem& problem, X509_STORE_CTX* store);

// Sets the name (or address) that the certificate must be for, and tells the server which one is wanted (SNI).
bool expect_host(SSL* ssl, const std::string& host);

// `fallback` is what the TLS library says where the certificate is not the reason.
std::string explain_tls(const CertificateProblem& problem, const std::string& host, const std::string& fallback);

} // namespace fhirscope::runtime
