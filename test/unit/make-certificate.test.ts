import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificate } from '../../src/cli/holdfast/parts/make-certificate.ts';
import { readCertificates } from '../../src/listeners/network/certificates.ts';
import { keyFingerprint } from '../../src/platform/net/key-fingerprint.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';

const skip = missing('openssl');
const NAMES = ['ws12.site.example', 'ws12', '10.0.0.7', '2001:db8::7'];

test('an authority, and a certificate of this host that the gateway takes', { skip }, async (t) => {
  const folder = join(temporaryDirectory(t), 'tls');
  const made = makeCertificate({ folder, names: NAMES, days: 30 });
  assert.deepEqual(
    made.made.map((path) => path.slice(folder.length + 1)),
    ['ca.key', 'ca.pem', 'host.key', 'host.pem'],
  );
  for (const key of ['ca.key', 'host.key']) {
    assert.equal(statSync(join(folder, key)).mode & 0o777, 0o600);
  }
  const authority = new X509Certificate(readFileSync(made.authority));
  assert.ok(authority.ca);
  assert.ok(made.host.verify(authority.publicKey));
  assert.ok(made.host.checkIssued(authority));
  for (const name of NAMES) {
    assert.ok(made.host.checkHost(name) ?? made.host.checkIP(name), name);
  }
  assert.equal(made.host.checkHost('ws13'), undefined);
  await readCertificates(made);
});

test('the second time renews the certificate alone: who has pinned the key notices nothing', { skip }, (t) => {
  const folder = temporaryDirectory(t);
  const first = makeCertificate({ folder, names: ['a'], days: 1 });
  const second = makeCertificate({ folder, names: ['a', 'b'], days: 2 });
  assert.deepEqual(second.made, [join(folder, 'host.pem')]);
  assert.equal(keyFingerprint(second.host), keyFingerprint(first.host));
  assert.ok(second.host.validToDate > first.host.validToDate);
  assert.notEqual(second.host.serialNumber, first.host.serialNumber);
});
