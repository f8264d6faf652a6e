#include "crossface/server/certificate.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <memory>
#include <stdexcept>

#include "crossface/util/file.h"
#include "crossface/util/secret_file.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using X509Owner = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

constexpr long kDay = 24L * 60 * 60;
// What browsers take at most of certificates that the user trusts by hand.
constexpr long kDays = 825, kDaysLeft = 30;

X509Owner CertificateOf(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return X509Owner(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

// A key behind a password of its own is no key: nobody is asked.
Key KeyOf(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Key(PEM_read_bio_PrivateKey(
      bio.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
}

std::string FingerprintOf(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), digest, &size);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
  return text;
}

bool EndsWithin(X509* certificate, long days) {
  time_t limit = std::time(nullptr) + days * kDay;
  return X509_cmp_time(X509_get0_notAfter(certificate), &limit) < 0;
}

bool IsAddress(const std::string& name) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, name.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

bool IsFor(X509* certificate, const std::string& name) {
  return IsAddress(name) ? X509_check_ip_asc(certificate, name.c_str(), 0) == 1
                         : X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr) == 1;
}

void Extend(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) throw std::runtime_error("OpenSSL cannot make a certificate");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string Written(const std::function<int(BIO*)>& write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (write(bio.get()) != 1) throw std::runtime_error("OpenSSL cannot write a certificate");
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return std::string(bytes, static_cast<size_t>(size));
}

Certificate Make(const std::vector<std::string>& names) {
  const Key key(EVP_EC_gen("P-256"));
  const X509Owner made(X509_new());
  if (key == nullptr || made == nullptr) throw std::runtime_error("OpenSSL cannot make a key");
  X509* certificate = made.get();
  X509_set_version(certificate, 2);
  unsigned char serial[16];
  if (RAND_bytes(serial, sizeof serial) != 1) throw std::runtime_error("OpenSSL gives no random bytes");
  serial[0] &= 0x7f;
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kDays * kDay);
  X509_set_pubkey(certificate, key.get());
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("crossface"),
                             -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  std::string alternatives;
  for (const std::string& each : names)
    alternatives +=
        fmt::format("{}{}:{}", alternatives.empty() ? "" : ",", IsAddress(each) ? "IP" : "DNS", each);
  Extend(certificate, NID_subject_alt_name, alternatives);
  Extend(certificate, NID_basic_constraints, "critical,CA:FALSE");
  Extend(certificate, NID_ext_key_usage, "serverAuth");
  if (X509_sign(certificate, key.get(), EVP_sha256()) == 0)
    throw std::runtime_error("OpenSSL cannot sign a certificate");
  return {Written([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); }), Written([&](BIO* bio) {
            return PEM_write_bio_PKCS8PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          }),
          FingerprintOf(certificate)};
}

}  // namespace

Result<Certificate> ReadCertificate(const fs::path& certificate, const fs::path& key) {
  CROSSFACE_ASSIGN_OR_RETURN(std::string certificate_pem, ReadFile(certificate));
  CROSSFACE_ASSIGN_OR_RETURN(std::string key_pem, ReadFile(key));
  const X509Owner read = CertificateOf(certificate_pem);
  const Key read_key = KeyOf(key_pem);
  ERR_clear_error();
  const auto refuse = [](const std::string& message) {
    return Status(StatusCode::kInvalidArgument, message);
  };
  if (read == nullptr) return refuse(DisplayPath(certificate) + " holds no certificate (PEM)");
  if (read_key == nullptr)
    return refuse(DisplayPath(key) + " holds no private key (PEM, without a password of its own)");
  if (X509_check_private_key(read.get(), read_key.get()) != 1) {
    ERR_clear_error();
    return refuse(DisplayPath(key) + " is not the key of " + DisplayPath(certificate));
  }
  if (EndsWithin(read.get(), 0)) return refuse("the time of " + DisplayPath(certificate) + " is over");
  std::string sha256 = FingerprintOf(read.get());
  return Certificate{std::move(certificate_pem), std::move(key_pem), std::move(sha256)};
}

Result<Certificate> OwnCertificate(const fs::path& folder, const std::vector<std::string>& names) {
  const fs::path certificate = folder / "certificate.pem", key = folder / "key.pem";
  if (auto known = ReadCertificate(certificate, key); known.ok()) {
    const X509Owner read = CertificateOf(known->certificate_pem);
    const bool fits = std::all_of(names.begin(), names.end(),
                                  [&](const std::string& name) { return IsFor(read.get(), name); });
    if (fits && !EndsWithin(read.get(), kDaysLeft)) return known;
  }
  Certificate made = Make(names);
  CROSSFACE_RETURN_IF_ERROR(WriteSecretFileAtomically(key, made.key_pem));
  CROSSFACE_RETURN_IF_ERROR(WriteSecretFileAtomically(certificate, made.certificate_pem));
  return made;
}

}  // namespace crossface
