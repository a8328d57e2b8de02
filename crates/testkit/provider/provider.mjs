// A certified OpenID Connect provider for tests: `node provider.mjs PORT SHOP`, SHOP being the origin that browsers come
// back to. Every start has fresh keys; the first line on standard output tells them, the next one that it listens.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, shop] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const made = [
  ["RS256", "rsa", { modulusLength: 2048 }],
  ["PS256", "rsa", { modulusLength: 2048 }],
  ["ES256", "ec", { namedCurve: "P-256" }],
  ["EdDSA", "ed25519", {}],
].map(([alg, kind, options]) => ({ alg, kid: randomUUID(), key: generateKeyPairSync(kind, options).privateKey }));

const back = (id) => [`${shop}/v1/phone/providers/${id}/callback`];
const client = (client_id, more) => ({
  client_id,
  grant_types: ["authorization_code", "client_credentials"],
  response_types: ["code"],
  redirect_uris: back("real"),
  ...more,
});

const people = {
  asha: { name: "Asha Example", email: "asha@id.example", email_verified: true },
  ravi: { name: "Ravi Sample", email: "ravi@id.example", email_verified: false },
};

const provider = new Provider(issuer, {
  // A secret with every letter that has to be encoded on its way.
  clients: [
    client("shop", { client_secret: "a shop's secret: 100% + more/" }),
    client("shop-es256", { client_secret: "s3cret", id_token_signed_response_alg: "ES256" }),
    client("shop-in-body", { client_secret: "s3cret", token_endpoint_auth_method: "client_secret_post" }),
    client("shop-public", {
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code"],
      id_token_signed_response_alg: "EdDSA",
    }),
  ],
  jwks: { keys: made.map(({ alg, kid, key }) => ({ ...key.export({ format: "jwk" }), alg, kid, use: "sig" })) },
  cookies: { keys: [randomUUID()] },
  claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
  findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
  pkce: { required: () => true },
  features: {
    clientCredentials: { enabled: true },
    // `urn:AUDIENCE:ALGORITHM` is an API whose tokens are JWTs.
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_context, resource) => ({
        scope: "shop",
        audience: resource,
        accessTokenFormat: "jwt",
        accessTokenTTL: 600,
        jwt: { sign: { alg: resource.split(":").at(-1) } },
      }),
    },
  },
});

const keys = made.map(({ alg, kid, key }) => ({
  alg,
  kid,
  pkcs8: key.export({ format: "der", type: "pkcs8" }).toString("base64"),
}));
console.log(`keys ${JSON.stringify(keys)}`);
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
