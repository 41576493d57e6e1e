// A real OpenID provider (oidc-provider, certified by the OpenID Foundation) for the browser tests, on loopback.
// usage: node oidc_provider.mjs PORT REDIRECT_URI HOSTED_DOMAIN
// Everybody may sign in with any password; the login is the address.
import Provider from "oidc-provider";

const [port, redirectUri, hostedDomain] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "parley",
      client_secret: "a secret that only the tests have",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub", "hd"], email: ["email", "email_verified"], profile: ["given_name", "family_name"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: ["a key for the tests"] },
  async findAccount(_, id) {
    const claims = { sub: id, email: id, email_verified: true, given_name: "Lea", family_name: "Berger", hd: hostedDomain };
    return { accountId: id, claims: () => claims };
  },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("The provider is ready."));
