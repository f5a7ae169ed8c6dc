#include "runtime/tls.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

namespace fhirscope::runtime {
namespace {

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<std::size_t>(size));
}

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
BioPtr make_bio() { return BioPtr(BIO_new(BIO_s_mem()), &BIO_free); }

std::string time_text(const ASN1_TIME* time) {
    const BioPtr bio = make_bio();
    ASN1_TIME_print(bio.get(), time);
    return text_of(bio.get());
}

std::string name_text(const X509_NAME* name) {
    const BioPtr bio = make_bio();
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return text_of(bio.get());
}

std::string address_text(const ASN1_OCTET_STRING* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
    if (family == AF_INET6 && ASN1_STRING_length(address) != 16) return "";
    return inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size()) ? text.data() : "";
}

std::string names_of(X509* certificate) {
    std::string out;
    const auto add = [&](const std::string& name) {
        if (!name.empty()) out += (out.empty() ? "" : ", ") + name;
    };
    auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS) {
            add(std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                            static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))));
        } else if (name->type == GEN_IPADD) {
            add(address_text(name->d.iPAddress));
        }
    }
    GENERAL_NAMES_free(names);
    return out.empty() ? name_text(X509_get_subject_name(certificate)) : out;
}

bool is_address(const std::string& host) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

} // namespace

void note_problem(CertificateProblem& problem, X509_STORE_CTX* store) {
    const int error = X509_STORE_CTX_get_error(store);
    if (error == X509_V_OK || problem.error != X509_V_OK) return;
    problem.error = error;
    X509* certificate = X509_STORE_CTX_get_current_cert(store);
    if (!certificate) return;
    problem.names = names_of(certificate);
    problem.issuer = name_text(X509_get_issuer_name(certificate));
    problem.begins = time_text(X509_get0_notBefore(certificate));
    problem.ends = time_text(X509_get0_notAfter(certificate));
}

bool expect_host(SSL* ssl, const std::string& host) {
    if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    // SSL_set_tlsext_host_name is a macro with an old-style cast.
    std::string name = host;
    return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1 &&
           SSL_set1_host(ssl, host.c_str()) == 1;
}

std::string explain_tls(const CertificateProblem& problem, const std::string& host, const std::string& fallback) {
    switch (problem.error) {
        case X509_V_OK:
            if (fallback.find("wrong version number") != std::string::npos ||
                fallback.find("packet length") != std::string::npos)
                return host + " does not speak TLS there. If it should not, write http:// in place of https://.";
            return "TLS with " + host + " failed: " + fallback + ".";
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "The certificate of " + host + " expired on " + problem.ends +
                   ". It must be renewed on the server; if it was, this machine's clock is wrong.";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "The certificate of " + host + " is valid only from " + problem.begins +
                   " on. Check this machine's clock.";
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return "The certificate is for " + problem.names + ", not for " + host +
                   ". Connect by one of its names, or have the server's certificate name this one.";
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return "The certificate of " + host + " is signed by " + problem.issuer +
                   ", an authority that this machine does not know. If you trust it, name its certificate with "
                   "--ca-file.";
        default:
            return "The certificate of " + host + " was refused: " + X509_verify_cert_error_string(problem.error) + ".";
    }
}

} // namespace fhirscope::runtime
