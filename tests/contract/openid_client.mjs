// The flow of an application built on openid-client: discovery, code with PKCE, userinfo, refresh, logout.
// Prints the authorization address, reads the callback's address from stdin, prints what it learned as JSON.
import * as client from "openid-client";
import { createInterface } from "node:readline/promises";

const settings = JSON.parse(process.argv[2]);
const config = await client.discovery(new URL(settings.issuer), settings.client_id, settings.client_secret, undefined, {
  execute: [client.allowInsecureRequests],
});
const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: settings.redirect_uri,
  scope: "openid",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
});
console.log(address.href);

const [callback] = await (async () => {
  for await (const line of createInterface({ input: process.stdin })) return [line];
})();
const tokens = await client.authorizationCodeGrant(config, new URL(callback), {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
});
const claims = tokens.claims();
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
const logout = client.buildEndSessionUrl(config, {
  id_token_hint: refreshed.id_token,
  post_logout_redirect_uri: settings.logout_uri,
  state: "bye",
});
console.log(
  JSON.stringify({ id_token: claims, nonce, userinfo, refreshed: refreshed.claims(), logout: logout.href }),
);
