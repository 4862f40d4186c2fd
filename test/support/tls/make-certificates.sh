#!/bin/sh
# Makes the certificates of the test SMTP server anew. Each file holds a certificate and its key, worth nothing outside
# the tests; they are committed so that the tests need no openssl. The authority's key is thrown away.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\nnew_certs_dir=%s\nrand_serial=yes\nunique_subject=no\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' \
  "$work" "$work" >"$work/config"
: >"$work/index"

here='DNS:localhost,IP:127.0.0.1'
long_ago=20200101000000Z
far_off=21200101000000Z

# name, X.509 extensions, start, end, then who signs
certificate() {
  name=$1 extensions=$2 start=$3 end=$4
  shift 4
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout "$work/$name.key" -out "$work/csr"
  printf '%b\n' "$extensions" >"$work/extensions"
  openssl ca -batch -notext -config "$work/config" -in "$work/csr" -extfile "$work/extensions" \
    -startdate "$start" -enddate "$end" -out "$work/$name.crt" "$@"
  cat "$work/$name.crt" "$work/$name.key" >"$name.pem"
}
by_authority() { certificate "$@" -cert ca.pem -keyfile "$work/ca.key"; }
by_itself() { certificate "$@" -selfsign -keyfile "$work/$1.key"; }

by_itself ca 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign' $long_ago $far_off
cp "$work/ca.crt" ca.pem
by_authority good "subjectAltName=$here\nextendedKeyUsage=serverAuth" $long_ago $far_off
by_authority wrong-name 'subjectAltName=DNS:mail.other.example\nextendedKeyUsage=serverAuth' $long_ago $far_off
by_authority expired "subjectAltName=$here\nextendedKeyUsage=serverAuth" $long_ago 20200201000000Z
by_itself self-signed "subjectAltName=$here\nextendedKeyUsage=serverAuth" $long_ago $far_off
