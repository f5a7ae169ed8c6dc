#pragma once
// Certificates made while the tests run, so that none expires in the repository.

#include <filesystem>
#include <memory>
#include <string>

namespace fhirscope::runtime::test {

struct CertificateFiles {
    std::string certificate, key; // PEM
};

// An authority of its own, and what it signs.
class Authority {
public:
    explicit Authority(const std::string& name);
    ~Authority();
    Authority(const Authority&) = delete;
    Authority& operator=(const Authority&) = delete;

    std::string certificate_file() const;
    // `names` as in subjectAltName ("DNS:localhost,IP:127.0.0.1"); times in days from now.
    CertificateFiles sign(const std::string& names, int begins = -1, int ends = 30) const;

private:
    struct Keys;
    std::unique_ptr<Keys> keys_;
    std::filesystem::path folder_;
};

} // namespace fhirscope::runtime::test
