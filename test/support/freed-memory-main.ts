// Reads memory of OpenSSL that it has freed: what whoever watches every access to memory has to see.
import { loadOpenSsl } from '../../src/io/openssl.ts';
import { BIO_CTRL_PENDING } from '../../src/io/openssl-constants.ts';

const { openSsl, missing } = loadOpenSsl();
if (openSsl === undefined) throw new Error(missing);
const bio = openSsl.BIO_new(openSsl.BIO_s_mem());
openSsl.BIO_free(bio);
openSsl.BIO_ctrl(bio, BIO_CTRL_PENDING, 0, 0);
