#include "certificates.hpp"

#include "support/paths.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>

namespace fhirscope::runtime::test {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;

void require(bool fine) {
    if (!fine) throw std::runtime_error("OpenSSL could not make a certificate");
}

KeyPtr make_key() {
    KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free);
    require(key != nullptr);
    return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    require(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

CertificatePtr make_certificate(const std::string& name, EVP_PKEY* key, int begins, int ends) {
    static std::atomic<long> serial{1};
    CertificatePtr certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
    X509_time_adj_ex(X509_getm_notBefore(certificate.get()), begins, 0, nullptr);
    X509_time_adj_ex(X509_getm_notAfter(certificate.get()), ends, 0, nullptr);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    return certificate;
}

template <class Write>
void write_file(const std::filesystem::path& path, Write write) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    require(file != nullptr);
    const int done = write(file);
    std::fclose(file);
    require(done == 1);
}

} // namespace

struct Authority::Keys {
    KeyPtr key{nullptr, &EVP_PKEY_free};
    CertificatePtr certificate{nullptr, &X509_free};
};

Authority::Authority(const std::string& name) : keys_(std::make_unique<Keys>()) {
    static std::atomic<int> number{0};
    folder_ = std::filesystem::path(tests::output) / "certificates" / std::to_string(number++);
    std::filesystem::create_directories(folder_);
    keys_->key = make_key();
    keys_->certificate = make_certificate(name, keys_->key.get(), -1, 30);
    X509* certificate = keys_->certificate.get();
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
    require(X509_sign(certificate, keys_->key.get(), EVP_sha256()) > 0);
    write_file(certificate_file(), [&](std::FILE* file) { return PEM_write_X509(file, certificate); });
}

Authority::~Authority() = default;

std::string Authority::certificate_file() const { return (folder_ / "authority.pem").string(); }

CertificateFiles Authority::sign(const std::string& names, int begins, int ends) const {
    static std::atomic<int> number{0};
    const std::string stem = "server-" + std::to_string(number++);
    const CertificateFiles files{(folder_ / (stem + ".pem")).string(), (folder_ / (stem + ".key")).string()};
    const KeyPtr key = make_key();
    const CertificatePtr certificate = make_certificate("test server", key.get(), begins, ends);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(keys_->certificate.get()));
    add_extension(certificate.get(), keys_->certificate.get(), NID_subject_alt_name, names);
    require(X509_sign(certificate.get(), keys_->key.get(), EVP_sha256()) > 0);
    write_file(
        files.certificate, [&](std::FILE* file) { return PEM_write_X509(file, certificate.get()); });
    write_file(files.key, [&](std::FILE* file) {
        return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    return files;
}

} // namespace fhirscope::runtime::test
